"""The marks that requests carry in their ``meta``."""

LIST = "yuqing_list"  # the list URL this request is for, redirects included
ROBOTS = "yuqing_robots"  # a robots.txt: not a page, and asked for without asking robots.txt
RAW = "yuqing_raw"  # leave the bytes as they came: the spider decodes them itself
