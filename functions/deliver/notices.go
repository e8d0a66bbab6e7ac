package main

import (
	"context"
	"log/slog"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/deliver"
	"sence.gob.cl/gestor/shared/notify"
)

// notices wires who is told of what waits for a person. to is a list with commas; an empty one is nobody.
func notices(cfg aws.Config, to, from, console string, quiet calendar.Quiet, log *slog.Logger) deliver.Notices {
	return deliver.Notices{
		Mailer:  mailer{notify.New(sesv2.NewFromConfig(cfg), from)},
		To:      strings.FieldsFunc(to, func(r rune) bool { return r == ',' || r == ' ' }),
		Console: console,
		Quiet:   quiet.Until,
		Log:     log,
	}
}

// mailer lets deliver send letters without knowing who carries them.
type mailer struct{ ses *notify.Mailer }

// Send implements deliver.Mailer.
func (m mailer) Send(ctx context.Context, n deliver.Notice) error {
	return m.ses.Send(ctx, notify.Notice(n))
}
