package sim

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/meta"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/siac"
)

// What this world sends must mean to our decoder what a person meant by writing it.
func TestOurDecoderUnderstandsTheDeliveries(t *testing.T) {
	r := newRig(t)
	ours := mention.Accounts{mention.Facebook: {DefaultPageID}}
	n := 0
	next := func(outcome mention.Outcome, kind mention.Kind, key, thread, text string) {
		t.Helper()
		n++
		d := r.delivered(facebookPath, n)
		if err := meta.Verify(d.body, d.header.Get("X-Hub-Signature-256"), testSecret); err != nil {
			t.Errorf("delivery %d: %v", n, err)
		}
		events := meta.Decode(d.body, ours)
		if len(events) != 1 {
			t.Fatalf("delivery %d: %d events", n, len(events))
		}
		e := events[0]
		if e.Outcome != outcome || e.Kind != kind || e.Key != key || e.Thread != thread || e.Text != text || e.Account != DefaultPageID {
			t.Errorf("delivery %d: %+v, want %s %s %s in %s: %q", n, e, outcome, kind, key, thread, text)
		}
	}
	c := r.write(`{"text":"¿hola?"}`)
	next(mention.Interaction, mention.Comment, c.ID, c.Thread, "¿hola?")
	r.call(http.MethodPatch, "/sim/facebook/messages/"+c.ID, `{"text":"chao"}`)
	next(mention.Edit, mention.Comment, c.ID, c.Thread, "chao")
	p := r.write(`{"kind":"post","text":"una publicación"}`)
	next(mention.Interaction, mention.Post, p.ID, p.Thread, "una publicación")
	m := r.write(`{"kind":"mention","text":"miren"}`)
	next(mention.Fetch, mention.Mentioned, m.ID, m.Thread, "miren")
	dm := r.write(`{"kind":"dm","text":"por interno"}`)
	next(mention.Interaction, mention.DM, dm.ID, dm.Thread, "por interno")
	_, v := r.graph(http.MethodPost, "/graph/v25.0/"+c.ID+"/comments", "message=respuesta")
	next(mention.Own, mention.Comment, v["id"].(string), c.Thread, "respuesta")
	r.call(http.MethodDelete, "/sim/facebook/messages/"+c.ID, "")
	next(mention.Delete, mention.Comment, c.ID, c.Thread, "")
}

// Our sender must meet here the doubts it is built for, and the way out of them.
func TestOurSenderFindsWhatAFaultHid(t *testing.T) {
	r := newRig(t)
	out := meta.NewOutbound(meta.Config{BaseURL: r.url + "/graph/"},
		func(context.Context) (meta.AppSecret, error) { return meta.AppSecret{AppSecret: testSecret}, nil },
		func(_ context.Context, account string) (channel.Access, error) {
			return channel.Access{Account: account, Token: testToken}, nil
		})
	c := r.write(`{"text":"hola"}`)
	since := r.clock.now().Add(-time.Minute)
	for i, step := range []struct {
		mode  string
		kind  fault.Kind
		found bool
	}{
		{applyThen500, fault.Uncertain, true},
		{applyThenReset, fault.Uncertain, true},
		{refuse500, fault.Uncertain, false},
		{down, fault.Uncertain, false},
		{refuse429, fault.Transient, false},
		{tokenExpired, fault.Denied, false},
	} {
		r.breaks(`{"target":"facebook","mode":"` + step.mode + `","count":1}`)
		text := fmt.Sprintf("Respuesta %d, ñandú 👏", i)
		o := post.Outgoing{Account: DefaultPageID, Target: c.ID, Visibility: post.Public, Text: text}
		if _, err := out.Send(t.Context(), o); !fault.Is(err, step.kind) {
			t.Errorf("%s: %v, want kind %v", step.mode, err, step.kind)
		}
		if id, found, err := out.Find(t.Context(), o, since); err != nil || found != step.found {
			t.Errorf("%s: find %q %v %v, want found %v", step.mode, id, found, err, step.found)
		}
	}
	if got := len(r.sentTexts()); got != 2 {
		t.Errorf("%d texts published, want 2", got)
	}
}

func TestOurFilerFindsWhatAFaultHid(t *testing.T) {
	r := newRig(t)
	client := siac.New(siac.Config{BaseURL: r.url + "/siac-api", Token: func(context.Context) (string, error) { return siacToken, nil }})
	c := siac.Case{
		IdempotencyKey: "facebook:comment:1_2", ExternalRef: "RS-2026-0000001-1", Network: "facebook", Type: "reclamo",
		Description: "No llega el pago.", EnteredAt: r.clock.now(),
	}
	r.breaks(`{"target":"siac","mode":"apply_then_reset","count":1}`)
	if _, err := client.File(t.Context(), c); !fault.Is(err, fault.Uncertain) {
		t.Errorf("file: %v, want Uncertain", err)
	}
	filed, found, err := client.Find(t.Context(), c.ExternalRef)
	if err != nil || !found || filed.DueDate != "2026-12-23" {
		t.Fatalf("find: %+v %v %v", filed, found, err)
	}
	if again, err := client.File(t.Context(), c); err != nil || again.Folio != filed.Folio {
		t.Errorf("file again: %+v %v, want folio %s", again, err, filed.Folio)
	}
}
