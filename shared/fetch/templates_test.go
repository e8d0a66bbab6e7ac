package fetch_test

import (
	"context"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/fetch"
	"sence.gob.cl/gestor/shared/mention"
)

// whatsapp is a network that has approved texts.
type whatsapp struct {
	*network
	approved []channel.KnownTemplate
}

func (n *whatsapp) Templates(ctx context.Context, _ channel.Access) ([]channel.KnownTemplate, channel.Usage, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.approved, n.usage, n.call(ctx, "templates")
}

func approving(t *testing.T) (*world, *whatsapp, func() channel.Channel) {
	t.Helper()
	ref := channel.Ref{Network: mention.WhatsApp, Account: "300"}
	n := &whatsapp{approved: []channel.KnownTemplate{
		{Name: "horario", Language: "es_CL", Body: "Este {{1}} abrimos.", Params: 1, Category: "UTILITY"}, {Name: "aviso", Language: "es_CL", Body: "Hola.", Category: "UTILITY"},
	}}
	w := newWorld(t, func(c *fetch.Config) {
		n.network, _ = c.Networks[mention.WhatsApp].Reader.(*network)
		c.Networks[mention.WhatsApp] = fetch.Network{Reader: n}
	})
	w.account(ref)
	return w, n, func() channel.Channel {
		w.look()
		return w.store.channels[ref]
	}
}

// The approved texts are read as often as the account's rights, kept by their names, and gone when the network has none.
func TestLook_Templates(t *testing.T) {
	w, n, look := approving(t)
	c := look()
	if len(c.Templates) != 2 || c.Templates[0].Name != "aviso" || c.Templates[1].Params != 1 || c.Failed != "" {
		t.Fatalf("kept %+v, failed %q", c.Templates, c.Failed)
	}
	for range 13 {
		w.now = w.now.Add(4 * time.Minute)
		look()
	}
	w.same("readings within the hour", n.calls["templates"], 1)
	w.now = w.now.Add(8 * time.Minute)
	n.approved = nil
	if c = look(); len(c.Templates) != 0 || n.calls["templates"] != 2 {
		t.Errorf("after an hour, of none: %+v, %d readings", c.Templates, n.calls["templates"])
	}
}

// A network that does not show them works all the same, and what was known stays; a key that is refused stops the account.
func TestLook_TemplatesFail(t *testing.T) {
	for reason, want := range map[string]struct {
		failed string
		state  channel.State
	}{"permission": {"", channel.Working}, "unreachable": {"unreachable", channel.Working}, "auth": {"auth", channel.Paused}} {
		w, n, look := approving(t)
		look()
		w.now = w.now.Add(time.Hour)
		kind := fault.Denied
		if reason == "unreachable" {
			kind = fault.Transient
		}
		n.fails["templates"] = []error{fails(kind, reason, 0)}
		if c := look(); len(c.Templates) != 2 || c.Failed != want.failed || c.State != want.state {
			t.Errorf("%s: %d kept, failed %q, %s", reason, len(c.Templates), c.Failed, c.State)
		}
	}
	w, n, look := approving(t)
	n.fails["check"] = []error{fails(fault.Transient, "unreachable", 0)}
	look()
	w.same("readings of a network that does not answer", n.calls["templates"], 0)
}
