"""Pure text: what a word is once its disguise is off, which topics a post belongs to, which posts tell one story."""
