"""What a lab is: a YAML file in (`loading.load`), a frozen and fully resolved Plan out."""
