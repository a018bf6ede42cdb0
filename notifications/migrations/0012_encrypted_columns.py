"""Columns that hold what is encrypted; `rotate_encryption_keys` encrypts what is in them."""

from django.conf import settings
from django.db import migrations, models

import notifications.encryption.fields


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0011_texts_of_scopes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="delivery",
            name="address",
            field=notifications.encryption.fields.EncryptedTextField(verbose_name="address"),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="body",
            field=notifications.encryption.fields.EncryptedTextField(
                blank=True, default="", verbose_name="text"
            ),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="error",
            field=notifications.encryption.fields.EncryptedTextField(
                blank=True, default="", verbose_name="error"
            ),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="subject",
            field=notifications.encryption.fields.EncryptedTextField(
                blank=True, default="", verbose_name="subject"
            ),
        ),
        migrations.AlterField(
            model_name="inboundsms",
            name="error",
            field=notifications.encryption.fields.EncryptedTextField(
                blank=True, default="", verbose_name="error"
            ),
        ),
        migrations.AlterField(
            model_name="inboundsms",
            name="reply",
            field=notifications.encryption.fields.EncryptedTextField(
                blank=True, default="", verbose_name="reply"
            ),
        ),
        migrations.AlterField(
            model_name="inboundsms",
            name="sender",
            field=notifications.encryption.fields.EncryptedTextField(
                blank=True, indexed=True, verbose_name="from"
            ),
        ),
        migrations.AlterField(
            model_name="inboundsms",
            name="text",
            field=notifications.encryption.fields.EncryptedTextField(blank=True, verbose_name="text"),
        ),
        migrations.AlterField(
            model_name="pushsubscription",
            name="auth",
            field=notifications.encryption.fields.EncryptedTextField(),
        ),
        migrations.AlterField(
            model_name="pushsubscription",
            name="endpoint",
            field=notifications.encryption.fields.EncryptedTextField(indexed=True),
        ),
        migrations.AlterField(
            model_name="pushsubscription",
            name="p256dh",
            field=notifications.encryption.fields.EncryptedTextField(),
        ),
        migrations.AddConstraint(
            model_name="pushsubscription",
            constraint=models.UniqueConstraint(
                notifications.encryption.fields.IndexOf("endpoint"), name="push_subscription_once"
            ),
        ),
    ]
