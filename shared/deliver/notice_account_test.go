package deliver_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/deliver"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// noticedAccounts knows one account.
type noticedAccounts struct{ is channel.Channel }

func (a *noticedAccounts) Channel(_ context.Context, ref channel.Ref) (channel.Channel, bool, error) {
	return a.is, ref == a.is.Ref, nil
}

func (a *noticedAccounts) Spent(context.Context, channel.Ref, string) (channel.Spend, error) {
	return channel.Spend{}, errors.New("a notice costs nothing")
}

func (a *noticedAccounts) Commit(context.Context, ticket.Change) error {
	return errors.New("a notice changes no account")
}

// An account that stopped by itself has its letter, which says what to do; one that goes on again by then has none.
func TestNotice_Account(t *testing.T) {
	ref := channel.Ref{Network: mention.LinkedIn, Account: "urn:li:organization:1"}
	for _, c := range []struct {
		name, reason, says string
		state              channel.State
	}{
		{"no key", channel.ReasonAuth, "conecta la cuenta de nuevo", channel.Paused},
		{"blocked", channel.ReasonBlocked, "reanuda la cuenta", channel.Paused},
		{"goes on", "", "", channel.Working},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := withNotice(t, "ti@sence.example")
			is := channel.Channel{Ref: ref, Name: "Página Ficticia", State: c.state, Reason: c.reason, Rev: 2}
			n.worker = deliver.New(deliver.Config{
				Store: n.store, Accounts: deliver.Accounts{Store: &noticedAccounts{is}}, Jitter: func() float64 { return 1 },
				Notices: deliver.Notices{Mailer: n.box, To: []string{"ti@sence.example"}, Console: "https://gestor.example/", Log: slog.New(slog.DiscardHandler)},
			})
			stopped := is
			stopped.State, stopped.Reason = channel.Paused, "auth"
			m := ticket.AccountStep(channel.Channel{Ref: ref, State: channel.Working}, stopped, noticeTime).Send[0]
			n.store.messages = map[outbox.Ref]outbox.Message{m.Ref(): m}
			n.must(m, noticeTime)
			if c.says == "" {
				n.ended(0)
				return
			}
			n.ended(1)
			for _, needed := range []string{"LinkedIn está en pausa", "Página Ficticia", c.says, "https://gestor.example/canales\n"} {
				if !strings.Contains(n.box.letters[0].Text, needed) {
					t.Errorf("the letter does not say %q:\n%s", needed, n.box.letters[0].Text)
				}
			}
		})
	}
}
