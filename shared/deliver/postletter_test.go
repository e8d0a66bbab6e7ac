package deliver_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/deliver"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// matters knows the matters of posts that wait for a person.
type matters struct {
	deliver.Posts
	all map[string]ticket.Attention
}

func (p matters) Matter(_ context.Context, cause, id string) (ticket.Attention, bool, error) {
	a, stands := p.all[cause+" "+id]
	return a, stands, nil
}

// told gives the letter about a matter of a post, "" for none.
func told(t *testing.T, a ticket.Attention, stands bool) deliver.Notice {
	t.Helper()
	n := withNotice(t, "comunicaciones@sence.example")
	known := matters{all: map[string]ticket.Attention{}}
	if stands {
		known.all[a.Ticket+" "+a.ID] = a
	}
	m := outbox.New("aviso-1", outbox.Notify, a.Ticket, a.ID, a.Ticket+"/avisos", noticeTime)
	n.store.messages = map[outbox.Ref]outbox.Message{m.Ref(): m}
	n.worker = deliver.New(deliver.Config{
		Store: n.store, Posts: known, Jitter: func() float64 { return 1 },
		Notices: deliver.Notices{Mailer: n.box, To: []string{"comunicaciones@sence.example"}, Console: "https://gestor.example/"},
	})
	n.must(m, noticeTime)
	if !stands {
		n.ended(0)
		return deliver.Notice{}
	}
	n.ended(1)
	return n.box.letters[0]
}

func matterOf(kind, reason string) ticket.Attention {
	return ticket.Attention{Ticket: outbox.PostCause("01POST"), ID: kind + "-facebook", Kind: kind, Network: mention.Facebook, Reason: reason, At: noticeTime}
}

func TestPostLetter(t *testing.T) {
	want := deliver.Notice{
		To:      []string{"comunicaciones@sence.example"},
		Subject: "La publicación no alcanzó a salir en Facebook",
		Text: "Hola:\n\nUna publicación espera que alguien la revise. La publicación no alcanzó a salir en Facebook.\n\n" +
			"Red: Facebook\nMotivo: la cuenta está en pausa.\n\n" +
			"Qué hacer ahora: abre la publicación y revisa si todavía sirve. Vuelve a intentarlo, o descártala.\n\n" +
			"https://gestor.example/publicaciones/01POST\n\nEste aviso llega una sola vez. No respondas a este correo.\n",
	}
	if diff := cmp.Diff(want, told(t, matterOf(agenda.MatterExpired, channel.HeldPaused), true)); diff != "" {
		t.Errorf("letter (-want +got):\n%s", diff)
	}
	told(t, matterOf(agenda.MatterExpired, channel.HeldPaused), false) // it is settled by now
}

// Each kind has its words and each reason is said in plain words; what a person wrote stays inside.
func TestPostLetter_EveryKind(t *testing.T) {
	subjects := map[string]bool{}
	kinds := []string{
		agenda.MatterUnknown, agenda.MatterRefused, agenda.MatterExpired, agenda.MatterLate, agenda.MatterLapsed, agenda.MatterEmergency, "kind_of_tomorrow",
	}
	for _, kind := range kinds {
		a := matterOf(kind, "codigo_secreto")
		if kind == agenda.MatterLapsed || kind == agenda.MatterEmergency {
			a.ID, a.Network, a.Reason = kind+"-post", "", "palabras de una persona"
		}
		l := told(t, a, true)
		subjects[l.Subject] = true
		for _, inside := range []string{kind, "secreto", "palabras", "\nRed: facebook"} {
			if strings.Contains(l.Subject+l.Text, inside) {
				t.Errorf("%s: the letter holds %q:\n%s", kind, inside, l.Text)
			}
		}
	}
	if len(subjects) != len(kinds) {
		t.Errorf("%d kinds have %d subjects", len(kinds), len(subjects))
	}
	plain := map[string]bool{}
	reasons := []string{
		agenda.ReasonLate, agenda.ReasonUnasked, agenda.ReasonNotFound, agenda.ReasonWorking, "interrumpida", deliver.ReasonBan, deliver.ReasonRules,
		deliver.ReasonNoWay, channel.HeldPaused, channel.HeldBudget, channel.HeldSpend, channel.ShutClosed, "auth", "permission", "throttle", "duplicate",
		"content", "media", "unreachable", "unknown_outcome", "unsupported", "otro_codigo",
	}
	for _, reason := range reasons {
		l := told(t, matterOf(agenda.MatterRefused, reason), true)
		_, after, found := strings.Cut(l.Text, "\nMotivo: ")
		words, _, _ := strings.Cut(after, ".\n")
		if plain[words] = true; !found || words == "" || strings.ContainsAny(words, "_\n") {
			t.Errorf("%s: %q", reason, words)
		}
	}
	if len(plain) != len(reasons) {
		t.Errorf("%d reasons have %d sayings", len(reasons), len(plain))
	}
}

// The letter of a delay is written while it lasts, and not once the post is out.
func TestPostLetter_OnlyWhileItStands(t *testing.T) {
	for _, out := range []bool{false, true} {
		w := newAgenda(t)
		p, m := w.due(words())
		w.wall.scripts[p.Targets[0].Chain()] = &script{answers: []published{{err: fault.New(fault.Transient, "test", nil)}}}
		w.At(m.Due.Add(2 * time.Minute))
		if err := w.Handle(m); err != nil {
			t.Fatal(err)
		}
		if got := w.letters(p); len(got) != 1 || got[0] != agenda.MatterLate {
			t.Fatalf("letters: %v", got)
		}
		if out {
			w.run(p)
		}
		box := &postbox{}
		w.Restart(deliver.New(deliver.Config{
			Store: w.Store, Posts: w.Store, Jitter: func() float64 { return 1 },
			Notices: deliver.Notices{Mailer: box, To: []string{"comunicaciones@sence.example"}, Console: "https://gestor.example/"},
		}))
		for _, m := range w.Waiting(p.Post.Cause(), outbox.Broadcast) {
			if err := w.Handle(m); err != nil {
				t.Fatal(err)
			}
		}
		if (len(box.letters) == 0) != out || out != (w.ended(p).State == post.Sent) {
			t.Errorf("out %t: %d letters, %+v", out, len(box.letters), w.ended(p))
		}
	}
}
