package sim

import (
	"strings"
	"time"
)

// readAfter is how long a fictitious person takes to look at a message.
const readAfter = 15 * time.Second

// trouble is why a message does not arrive, in WhatsApp's words ("Cloud API, error codes").
type trouble struct {
	Ends    string // telephones that end so meet it
	Code    int
	Title   string
	Details string
}

// troubles are the failures a person can try by the telephone's last four digits: those of the error's code.
func troubles() []trouble {
	return []trouble{
		{"1026", 131026, "Message undeliverable", "Message Undeliverable."},
		{"1049", 131049, "This message was not delivered to maintain healthy ecosystem engagement.", "In order to maintain a healthy ecosystem engagement, the message failed to be delivered."},
		{"1051", 131051, "Unsupported message type", "Message type is not currently supported."},
		{"1000", 131000, "Something went wrong", "Message failed to send due to an unknown error."},
		{"1031", 131031, "Business account locked", "Business Account has been locked."},
	}
}

// late is the trouble of a message outside of the window.
func late() trouble {
	return trouble{
		Code: 131047, Title: "Re-engagement message",
		Details: "Message failed to send because more than 24 hours have passed since the customer last replied to this number.",
	}
}

// send hands a message over and queues what becomes of it: sent, delivered, and read when the person looks, or failed. It gives
// the first of these. A message that did not arrive was not published. A template goes to anybody at any time.
func (t *tx) send(it *item) (told string) {
	heard := t.w.items[t.w.heard(targetWhatsApp, it.Thread)]
	if it.Template == "" && (heard == nil || t.now.Sub(heard.At) > messageWindow) {
		return t.owe(it, it.failed(late(), t.now))
	}
	for _, f := range troubles() {
		if strings.HasSuffix(it.Thread, f.Ends) {
			return t.owe(it, it.failed(f, t.now))
		}
	}
	if _, hit := t.strike(targetWhatsApp, statusFailed); hit {
		return t.owe(it, it.failed(troubles()[0], t.now))
	}
	if it.InReplyTo == "" && it.Template == "" {
		it.InReplyTo = heard.ID
	}
	t.add(change{Item: it})
	kept := t.w.items[it.ID]
	told = t.owe(kept, kept.status("sent", t.now))
	t.owe(kept, kept.status("delivered", t.now))
	at := t.now.Add(readAfter)
	t.oweAt(kept, kept.status("read", at), at)
	return told
}

// failed is the status of a message that does not arrive.
func (i *item) failed(why trouble, at time.Time) []byte {
	s := i.statusObject("failed", at)
	s["errors"] = []any{obj{"code": why.Code, "title": why.Title, "message": why.Title, "error_data": obj{"details": why.Details}}}
	return whatsappBody(obj{"statuses": []any{s}})
}
