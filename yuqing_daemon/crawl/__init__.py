"""The crawl worker: a process of its own that takes jobs, visits sites with Scrapy, and keeps nothing."""
