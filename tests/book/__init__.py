"""What a reader would stumble over, found before: missing pages, cells, sections, alt texts, links."""
