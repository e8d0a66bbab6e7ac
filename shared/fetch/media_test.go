package fetch_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/fetch"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/storetest/worker"
	"sence.gob.cl/gestor/shared/ticket"
	"sence.gob.cl/gestor/shared/unit"
)

// host hands out one file, or fails by a script.
type host struct {
	script []error
	asked  []channel.Download
}

func (h *host) Get(_ context.Context, _ mention.Network, d channel.Download) (string, []byte, error) {
	h.asked = append(h.asked, d)
	if err := worker.Next(&h.script, nil); err != nil {
		return "", nil, err
	}
	return "image/jpeg", []byte("bytes de " + d.URL), nil
}

func (h *host) Reason(err error) string { return reasonOf(err) }

// files keeps files by their key.
type files struct {
	held   map[string][]byte
	script []error
}

func (f *files) Put(_ context.Context, key, _ string, body []byte) error {
	if err := worker.Next(&f.script, nil); err != nil {
		return err
	}
	f.held[key] = bytes.Clone(body)
	return nil
}

// mediaWorld is a world with a direct message on which attachments hang.
func mediaWorld(t *testing.T, kind mention.Kind, hung ...mention.Attachment) (*world, *host, *files, outbox.Message) {
	t.Helper()
	h, f := &host{}, &files{held: map[string][]byte{}}
	w := newWorld(t, func(c *fetch.Config) { c.Downloads, c.Files = h, f })
	w.net.file = channel.Download{URL: "https://cdn.example.invalid/a", Header: map[string]string{"Authorization": "Bearer llave"}}
	w.account(page)
	said := ticket.Mention{Ticket: "01T", Key: "m_1", Kind: kind, At: w.now.Add(-time.Minute), Attachments: hung, Rev: 1}
	w.store.mentions["01T/m_1"] = said
	m := ticket.MediaToCopy(said, page, w.now)
	if len(m) != 1 {
		t.Fatalf("%d messages", len(m))
	}
	return w, h, f, m[0]
}

func TestMedia(t *testing.T) {
	place := mention.Attachment{Type: "location", URL: "geo:1,1"}
	w, h, f, m := mediaWorld(t, mention.DM, mention.Attachment{Type: "image", URL: "https://cdn.example.invalid/a"}, place, mention.Attachment{Type: "audio", ID: "8"})
	w.send(m, 3)
	said := w.store.mentions["01T/m_1"]
	for _, i := range []int{0, 2} {
		a := said.Attachments[i]
		if !strings.HasPrefix(a.Stored, "media/01T/") || a.ContentType != "image/jpeg" || a.Size != len(f.held[a.Stored]) || a.Size == 0 || a.Lost != "" {
			t.Errorf("attachment %d: %+v", i, a)
		}
	}
	if said.Attachments[1] != place || said.Rev != 3 || len(w.store.messages) != 0 || len(h.asked) != 2 || h.asked[0].Header["Authorization"] != "Bearer llave" {
		t.Errorf("%+v, asked %+v, left %v", said, h.asked, w.store.messages)
	}
	w, _, _, m = mediaWorld(t, mention.StoryMention, mention.Attachment{Type: "story_mention", URL: "https://cdn.example.invalid/a"})
	w.send(m, 2)
	if a := w.store.mentions["01T/m_1"].Attachments[0]; !strings.HasPrefix(a.Stored, "story/01T/") {
		t.Errorf("a story lies at %q", a.Stored)
	}
}

// What cannot be had is given up: at once where time does not help, after a day, or after six where our own account stands
// still.
func TestMedia_Lost(t *testing.T) {
	many := func(err error) []error {
		var out []error
		for range 2000 {
			out = append(out, err)
		}
		return out
	}
	for _, tt := range []struct {
		name   string
		set    func(w *world, h *host)
		reason string
		after  time.Duration
	}{
		{"gone at the host", func(_ *world, h *host) { h.script = many(fails(fault.Permanent, "gone", 0)) }, "gone", 0},
		{"gone at the network", func(w *world, _ *host) { w.net.fails["media"] = many(fails(fault.Permanent, "gone", 0)) }, "gone", 0},
		{"at a foreign host", func(_ *world, h *host) { h.script = many(fails(fault.Permanent, "servidor_ajeno", 0)) }, "servidor_ajeno", 0},
		{"nobody answers", func(_ *world, h *host) { h.script = many(fails(fault.Transient, "unreachable", 0)) }, "unreachable", 24 * time.Hour},
		{"the account stands still", func(w *world, _ *host) {
			c, _ := w.store.channels[page].Halt(channel.ReasonAuth, w.now)
			w.store.channels[page] = c
		}, "canal_en_pausa", 6 * 24 * time.Hour},
	} {
		w, h, f, m := mediaWorld(t, mention.DM, mention.Attachment{Type: "image", URL: "https://cdn.example.invalid/a"})
		tt.set(w, h)
		began := w.now
		w.send(m, 1500)
		a := w.store.mentions["01T/m_1"].Attachments[0]
		took := w.now.Sub(began)
		if a.Lost != tt.reason || a.Stored != "" || len(f.held) != 0 || len(w.store.messages) != 0 || took < tt.after || took > tt.after+time.Hour {
			t.Errorf("%s: %+v after %s, left %d", tt.name, a, took, len(w.store.messages))
		}
	}
	w, h, _, m := mediaWorld(t, mention.DM, mention.Attachment{Type: "image", URL: "https://cdn.example.invalid/a"})
	h.script = []error{fails(fault.Permanent, "gone", 0)}
	ctx, work := unit.Begin(t.Context(), "")
	w.store.messages[m.Ref()] = m
	if err := w.fetch.Handle(ctx, w.now, `{"v":1,"id":"`+m.ID+`","topic":"media.copy","ticket":"01T","subject":"`+m.Subject+`","channel":"`+m.Channel+`","attempt":1}`); err != nil {
		t.Fatal(err)
	}
	if work.Facts().Counts[unit.MediaLost] != 1 {
		t.Error("what was lost is not counted")
	}
}

// What changes meanwhile stands: an edited mention keeps its edit, one that was taken back gets nothing.
func TestMedia_BesideOthers(t *testing.T) {
	first := true
	meanwhile := func(w *world, change func(*ticket.Mention)) {
		w.store.before = func(c ticket.Change) error {
			if len(c.Done) > 0 && first {
				first = false
				said := w.store.mentions["01T/m_1"]
				change(&said)
				said.Rev++
				w.store.mentions["01T/m_1"] = said
			}
			return nil
		}
	}
	image := mention.Attachment{Type: "image", URL: "https://cdn.example.invalid/a"}
	w, _, _, m := mediaWorld(t, mention.DM, image)
	meanwhile(w, func(said *ticket.Mention) { said.Text = "otro texto" })
	w.send(m, 1)
	if said := w.store.mentions["01T/m_1"]; said.Text != "otro texto" || said.Attachments[0].Stored == "" || said.Rev != 3 {
		t.Errorf("edited meanwhile: %+v", said)
	}
	first = true
	w, _, _, m = mediaWorld(t, mention.DM, image)
	meanwhile(w, func(said *ticket.Mention) { said.Deleted, said.Attachments = true, []mention.Attachment{} })
	w.send(m, 1)
	if said := w.store.mentions["01T/m_1"]; len(said.Attachments) != 0 || said.Rev != 2 || len(w.store.messages) != 0 {
		t.Errorf("taken back meanwhile: %+v", said)
	}
	w, h, _, m := mediaWorld(t, mention.DM, image)
	delete(w.store.mentions, "01T/m_1")
	w.send(m, 1)
	if len(h.asked) != 0 || len(w.store.messages) != 0 {
		t.Errorf("kept no longer: %v", h.asked)
	}
}

// A copy that was kept and not written down is kept again under the same key.
func TestMedia_CrashPoints(t *testing.T) {
	broken := fault.New(fault.Transient, "test", nil)
	w, _, f, m := mediaWorld(t, mention.DM, mention.Attachment{Type: "image", URL: "https://cdn.example.invalid/a"})
	w.store.messages[m.Ref()] = m
	f.script = []error{broken}
	if err := w.handle(m); !fault.Is(err, fault.Transient) {
		t.Error(err)
	}
	w.store.before = func(c ticket.Change) error {
		if len(c.Done) > 0 {
			return broken
		}
		return nil
	}
	if err := w.handle(m); !fault.Is(err, fault.Transient) || len(f.held) != 1 {
		t.Error(err)
	}
	w.store.before = nil
	if err := w.handle(m); err != nil || len(f.held) != 1 || w.store.mentions["01T/m_1"].Attachments[0].Stored == "" {
		t.Errorf("%v, %d files", err, len(f.held))
	}
	for _, bad := range []string{"", "x y"} {
		m.Subject = bad
		w.store.messages[m.Ref()] = m
		if err := w.handle(m); !fault.Is(err, fault.Poison) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
