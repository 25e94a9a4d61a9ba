"""The files of the nginx image.

Models the configuration that the nginx packages install.
"""

WELCOME = (
    "<!DOCTYPE html><html><head><title>Welcome to nginx!</title></head><body><h1>Welcome to nginx!</h1></body></html>\n"
)
FIFTY_X = (
    "<!DOCTYPE html><html><head><title>Error</title></head>"
    "<body><h1>An error occurred.</h1><p>Please try again later.</p></body></html>\n"
)

NGINX_CONF = """\
user  nginx;
worker_processes  1;

error_log  /var/log/nginx/error.log notice;
pid        /run/nginx.pid;

events {
    worker_connections  1024;
}

http {
    include       /etc/nginx/mime.types;
    default_type  application/octet-stream;

    log_format  main  '$remote_addr - $remote_user [$time_local] "$request" '
                      '$status $body_bytes_sent "$http_referer" '
                      '"$http_user_agent" "$http_x_forwarded_for"';

    access_log  /var/log/nginx/access.log  main;

    sendfile        on;
    keepalive_timeout  65;

    include /etc/nginx/conf.d/*.conf;
}
"""

DEFAULT_CONF = """\
server {
    listen       80;
    server_name  localhost;

    location / {
        root   /usr/share/nginx/html;
        index  index.html index.htm;
    }

    error_page   500 502 503 504  /50x.html;
    location = /50x.html {
        root   /usr/share/nginx/html;
    }
}
"""

MIME_TYPES = """\
types {
    text/html                    html htm shtml;
    text/css                     css;
    text/xml                     xml;
    text/plain                   txt;
    image/gif                    gif;
    image/jpeg                   jpeg jpg;
    image/png                    png;
    image/svg+xml                svg svgz;
    image/x-icon                 ico;
    application/javascript       js;
    application/json             json;
    application/pdf              pdf;
    application/wasm             wasm;
    application/zip              zip;
    font/woff2                   woff2;
}
"""
