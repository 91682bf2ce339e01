"""``python -m yuqing_daemon.crawl``: a crawl worker."""

import gc


def main() -> None:
    """Run a crawl worker; it looks for garbage once it has loaded everything, for that is none."""
    gc.disable()
    from .process import run

    run()


if __name__ == "__main__":
    main()
