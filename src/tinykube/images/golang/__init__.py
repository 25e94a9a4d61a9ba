"""What programs written in Go have in common: how they log, parse flags, print durations, serve HTTP and end.

Law: behaviour of Go's standard library and of cobra, pflag and klog, as far as a container's outside shows it; nothing
here is a program of its own.

Models Go's os/signal, flag, time, log and net/http, and github.com/spf13/cobra and k8s.io/klog.
"""
