package sim

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/mail"
	"slices"
	"strconv"
	"time"
)

// sesOrder is SES's SendEmail with simple content, as the SDK sends it.
type sesOrder struct {
	From        string `json:"FromEmailAddress"`
	Destination struct {
		To  []string `json:"ToAddresses"`
		Cc  []string `json:"CcAddresses"`
		Bcc []string `json:"BccAddresses"`
	} `json:"Destination"`
	Content struct {
		Simple *struct {
			Subject sesText `json:"Subject"`
			Body    struct {
				Text *sesText `json:"Text"`
				HTML *sesText `json:"Html"`
			} `json:"Body"`
		} `json:"Simple"`
	} `json:"Content"`
}

type sesText struct {
	Data string `json:"Data"`
}

// most recipients SES takes in one call.
const mostRecipients = 50

func sesRefusal(w http.ResponseWriter, message string) {
	w.Header().Set("X-Amzn-ErrorType", "BadRequestException")
	writeJSON(w, http.StatusBadRequest, map[string]string{"message": message})
}

// sendEmail puts a letter into the mailbox of each recipient. The signature is not looked at: the mailbox is ours.
func (s *Simulator) sendEmail(w http.ResponseWriter, r *http.Request) {
	var o sesOrder
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	if err != nil || kind != "application/json" || json.Unmarshal(body, &o) != nil {
		sesRefusal(w, "The request body is not valid JSON.")
		return
	}
	to := slices.Concat(o.Destination.To, o.Destination.Cc, o.Destination.Bcc)
	switch {
	case o.Content.Simple == nil || (o.Content.Simple.Body.Text == nil && o.Content.Simple.Body.HTML == nil):
		sesRefusal(w, "Only simple content with a body is simulated.")
		return
	case len(to) == 0 || len(to) > mostRecipients:
		sesRefusal(w, "Between 1 and "+strconv.Itoa(mostRecipients)+" recipients are needed.")
		return
	case slices.ContainsFunc(append([]string{o.From}, to...), func(a string) bool { _, err := mail.ParseAddress(a); return err != nil }):
		sesRefusal(w, "An address is not valid.")
		return
	}
	text := o.Content.Simple.Body.Text
	if text == nil {
		text = o.Content.Simple.Body.HTML
	}
	id := ""
	err = s.commit(func(t *tx) error {
		id = "ses-" + token(strconv.Itoa(len(t.w.mail))+t.now.Format(time.RFC3339Nano), 20)
		for _, address := range to {
			t.add(change{Mail: &letter{ID: id, To: address, From: o.From, Subject: o.Content.Simple.Subject.Data, Text: text.Data, At: t.now.UTC()}})
		}
		return nil
	})
	if err != nil {
		writeJSON(w, http.StatusInternalServerError, map[string]string{"message": "The mailbox could not keep the letter."})
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"MessageId": id})
}

// getMail is GET /sim/mail, one entry per recipient, in order.
func (s *Simulator) getMail(w http.ResponseWriter, _ *http.Request) {
	mails := []letter{}
	s.read(func(w *world) { mails = append(mails, w.mail...) })
	writeJSON(w, http.StatusOK, mails)
}
