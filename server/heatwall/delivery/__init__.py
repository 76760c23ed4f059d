"""From encoded pictures to the viewers' browsers."""
