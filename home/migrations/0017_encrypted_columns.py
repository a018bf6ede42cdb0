"""Columns that hold what is encrypted; `rotate_encryption_keys` encrypts what is in them."""

from django.db import migrations, models

import notifications.encryption.fields


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("home", "0016_carried_over_consents"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="user",
            name="user_phone_e164",
        ),
        migrations.AlterField(
            model_name="invitation",
            name="email",
            field=notifications.encryption.fields.EncryptedEmailField(
                blank=True, indexed=True, max_length=254, null=True, verbose_name="e-mail address"
            ),
        ),
        migrations.AlterField(
            model_name="invitation",
            name="error",
            field=notifications.encryption.fields.EncryptedTextField(
                blank=True, default="", verbose_name="error"
            ),
        ),
        migrations.AlterField(
            model_name="invitation",
            name="phone",
            field=notifications.encryption.fields.EncryptedPhoneField(
                blank=True, indexed=True, max_length=20, null=True, region=None, verbose_name="phone number"
            ),
        ),
        migrations.AlterField(
            model_name="user",
            name="phone",
            field=notifications.encryption.fields.EncryptedPhoneField(
                blank=True, indexed=True, max_length=20, null=True, region=None, verbose_name="phone number"
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                notifications.encryption.fields.IndexOf("phone"), name="user_phone_once"
            ),
        ),
    ]
