from notifications.inbox.views import inbox as stream
