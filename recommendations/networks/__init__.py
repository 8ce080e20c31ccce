"""The networks we know, by name. Each module speaks one outside protocol and knows no model."""
