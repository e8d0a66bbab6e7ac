package sim

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/mention"
)

func TestWhatsAppTellsWhatBecameOfOurMessages(t *testing.T) {
	r := newRig(t)
	dm := r.on(targetWhatsApp, `{"author":"+56900123456","name":"Persona Ficticia","text":"uno"}`)
	if dm.Thread != "56900123456" || !strings.HasPrefix(dm.ID, "wamid.") {
		t.Fatalf("placed %v", dm)
	}
	path := "/graph/v25.0/" + networkAccount(targetWhatsApp) + "/messages?appsecret_proof=" + hmacHex(testSecret, []byte(testToken))
	send := func(text, context string) string {
		status, v := r.answer(http.MethodPost, path, `{"messaging_product":"whatsapp","to":"56900123456","type":"text","text":{"body":"`+text+`"},`+
			context+`"biz_opaque_callback_data":"caso.1"}`, header{"Authorization", "Bearer " + testToken})
		id, _ := at(v, "messages", "0", "id").(string)
		if status != http.StatusOK || at(v, "contacts", "0", "wa_id") != "56900123456" || id == "" {
			t.Fatalf("send: %d %v", status, v)
		}
		return id
	}
	id := send("Te respondo", `"context":{"message_id":"`+dm.ID+`"},`)
	flags := map[string]bool{}
	for n := 2; n <= 3; n++ {
		e := r.heard(targetWhatsApp, n)
		if e.Outcome != mention.Status || e.Key != id || e.Tag != "caso.1" || e.Thread != dm.Thread {
			t.Errorf("status: %+v", e)
		}
		flags[e.Flags[0]] = true
	}
	if !flags[mention.FlagSent] || !flags[mention.FlagDelivered] {
		t.Errorf("statuses %v, want sent and delivered", flags)
	}
	if sent := r.published(targetWhatsApp); len(sent) != 1 || sent[0].ID != id || sent[0].InReplyTo != dm.ID || sent[0].Visibility != "private" {
		t.Errorf("sent %+v", sent)
	}
	r.eventually("that nothing is owed but that the person reads it later", func() bool {
		owed := r.sim.outbox.list()
		return len(owed) == 1 && owed[0].Next.Equal(r.clock.now().Add(readAfter))
	})
	r.clock.move(25 * time.Hour)
	if e := r.heard(targetWhatsApp, 4); e.Key != id || e.Tag != "caso.1" || !e.Flag(mention.FlagRead) {
		t.Errorf("read: %+v", e)
	}
	late := send("tarde", "")
	if e := r.heard(targetWhatsApp, 5); e.Key != late || e.Tag != "caso.1" || e.Reason != mention.FailedWindow {
		t.Errorf("outside of the window: %+v", e)
	}
	if sent := r.published(targetWhatsApp); len(sent) != 1 {
		t.Errorf("%d published, want 1: what failed was not", len(sent))
	}
}

// A message that WhatsApp takes may still not arrive: by the telephone's last digits, or by a fault.
func TestMessagesThatDoNotArrive(t *testing.T) {
	for phone, class := range map[string]string{
		"56900001026": mention.FailedRecipient, "56900001049": mention.FailedThrottle, "56900001051": mention.FailedContent,
		"56900001000": mention.FailedTransient, "56900001031": mention.FailedPermission, "56900002222": mention.FailedRecipient,
	} {
		t.Run(phone, func(t *testing.T) {
			r := newRig(t)
			r.on(targetWhatsApp, `{"author":"+`+phone+`","text":"hola"}`)
			r.delivered("/webhooks/whatsapp", 1)
			if phone == "56900002222" {
				r.breaks(`{"target":"whatsapp","mode":"status_failed","count":1}`)
			}
			path := "/graph/v25.0/" + networkAccount(targetWhatsApp) + "/messages"
			body := "messaging_product=whatsapp&to=" + phone + `&text={"body":"hola"}&biz_opaque_callback_data=caso.7`
			status, v := r.graph(http.MethodPost, path, body)
			id, _ := at(v, "messages", "0", "id").(string)
			e := r.heard(targetWhatsApp, 2)
			if status != http.StatusOK || e.Outcome != mention.Status || e.Key != id || !e.Flag(mention.FlagFailed) || e.Reason != class || e.Tag != "caso.7" {
				t.Errorf("%d, then %+v, want failed of %s", status, e, class)
			}
			if sent := r.published(targetWhatsApp); len(sent) != 0 {
				t.Errorf("published %+v", sent)
			}
			if phone != "56900002222" {
				return
			}
			r.graph(http.MethodPost, path, body)
			if e := r.heard(targetWhatsApp, 3); e.Flag(mention.FlagFailed) {
				t.Errorf("after the fault: %+v", e)
			}
		})
	}
	if status, _ := newRig(t).call(http.MethodPost, "/sim/faults", `{"target":"x","mode":"status_failed"}`); status != http.StatusBadRequest {
		t.Errorf("statuses of X: %d", status)
	}
}

// What was not read yet when the world stopped is read after it begins again.
func TestReadingOutlivesARestart(t *testing.T) {
	r := newRig(t)
	dm := r.on(targetWhatsApp, `{"text":"hola"}`)
	r.graph(http.MethodPost, "/graph/v25.0/"+networkAccount(targetWhatsApp)+"/messages", "messaging_product=whatsapp&to="+dm.Thread+`&text={"body":"hola"}`)
	r.delivered("/webhooks/whatsapp", 3)
	r.eventually("only the reading is owed", func() bool { return len(r.sim.outbox.list()) == 1 })
	again := r.again()
	if n := len(r.gestor.deliveries("/webhooks/whatsapp")); n != 3 {
		t.Errorf("%d deliveries before the person looked", n)
	}
	again.clock.move(readAfter)
	if e := again.heard(targetWhatsApp, 4); !e.Flag(mention.FlagRead) {
		t.Errorf("told %+v", e)
	}
}

// A person is told of by the telephone, by the id WhatsApp has for them, or by both, and answered by either.
func TestWhatsAppNamesAPersonInTwoWays(t *testing.T) {
	r := newRig(t)
	const phone, user = "56900123456", "CL.10000000000000001"
	for n, tt := range []struct {
		more    string
		id      string
		aliases []string
	}{
		{"", phone, nil},
		{`,"user":"` + user + `"`, user, []string{phone}},
		{`,"user":"` + user + `","hidden":true`, user, nil},
		{`,"hidden":true`, phone, nil}, // who has no other name cannot hide
	} {
		if dm := r.on(targetWhatsApp, `{"author":"`+phone+`","text":"hola"`+tt.more+`}`); dm.Thread != phone {
			t.Errorf("%s: in the talk of %q", tt.more, dm.Thread)
		}
		if e := r.heard(targetWhatsApp, n+1); e.Author == nil || e.Author.ID != tt.id || !slices.Equal(e.Author.Aliases, tt.aliases) || e.Thread != tt.id {
			t.Errorf("%s: %+v by %+v", tt.more, e, e.Author)
		}
	}
	path := "/graph/v25.0/" + networkAccount(targetWhatsApp) + "/messages"
	for _, to := range []string{"to=" + phone, "recipient=" + user} {
		if status, v := r.graph(http.MethodPost, path, "messaging_product=whatsapp&"+to+`&text={"body":"hola"}`); status != http.StatusOK || at(v, "contacts", "0", "wa_id") != phone {
			t.Errorf("%s: %d %v", to, status, v)
		}
	}
	if status, _ := r.graph(http.MethodPost, path, `messaging_product=whatsapp&recipient=CL.2&text={"body":"hola"}`); status != http.StatusBadRequest {
		t.Errorf("to nobody: %d", status)
	}
}
