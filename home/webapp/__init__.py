"""The site as an app on the home screen: its manifest, its service worker and its offline page."""
