"""The marks that requests carry in their ``meta``."""

LIST = "yuqing_list"  # the list URL this request is for, redirects included
RAW = "yuqing_raw"  # leave the bytes as they came: the spider decodes them itself
