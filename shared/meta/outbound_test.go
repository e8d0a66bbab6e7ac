package meta_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/meta"
	"sence.gob.cl/gestor/shared/platformtest"
	"sence.gob.cl/gestor/shared/post"
)

const (
	ourPage = "100"
	ourIG   = "17841400000000100"
)

func ownSecret(context.Context) (meta.AppSecret, error) {
	return meta.AppSecret{AppSecret: appSecret}, nil
}

func ownAccess(_ context.Context, account string) (channel.Access, error) {
	if account != ourPage && account != ourIG {
		return channel.Access{}, fault.New(fault.Denied, "keys", nil)
	}
	return channel.Access{Account: account, Token: platformtest.Token}, nil
}

func facebookAt(base string) (platformtest.Platform, error) {
	return meta.NewOutbound(meta.Config{BaseURL: base + "/graph/"}, ownSecret, ownAccess), nil
}

func instagramAt(base string) (platformtest.Platform, error) {
	return meta.NewInstagramOutbound(meta.Config{BaseURL: base + "/graph/"}, ownSecret, ownAccess), nil
}

// formText gives the text of a comment.
func formText(r *http.Request, _ []byte) string {
	if err := r.ParseForm(); err != nil {
		return err.Error()
	}
	return r.PostForm.Get("message")
}

// letterText gives the text of a private message.
func letterText(r *http.Request, _ []byte) string {
	if err := r.ParseForm(); err != nil {
		return err.Error()
	}
	var message struct{ Text string }
	if err := json.Unmarshal([]byte(r.PostForm.Get("message")), &message); err != nil {
		return err.Error()
	}
	return message.Text
}

// refusals are those of §5.1 that come alike on all of Meta's networks.
func refusals(more ...platformtest.Refusal) []platformtest.Refusal {
	all := []platformtest.Refusal{
		{Name: "the token expired", Answer: object(400, 190, 463), Kind: fault.Denied, Reason: meta.ReasonAuth},
		{Name: "no permission", Answer: object(403, 200, 0), Kind: fault.Denied, Reason: meta.ReasonPermission},
		{Name: "gone", Answer: object(400, 100, 33), Kind: fault.Permanent, Reason: meta.ReasonGone},
		{Name: "spam", Answer: object(400, 368, 1390008), Kind: fault.Permanent, Reason: meta.ReasonContent},
		{Name: "a 500 with an error object", Answer: object(500, 2, 0), Kind: fault.Uncertain, Reason: meta.ReasonUnknown},
		{Name: "a duplicate", Answer: object(400, 506, 0), Kind: fault.Uncertain, Reason: meta.ReasonDuplicate},
		{
			Name: "throttled in minutes", Kind: fault.Transient, Reason: meta.ReasonThrottle, Wait: 19 * time.Minute,
			Answer: platformtest.Answer{
				Status: 400, Body: refused(80002, 0, ""), Header: []string{"X-Business-Use-Case-Usage", `{"1":[{"estimated_time_to_regain_access":19}]}`},
			},
		},
	}
	return append(all, more...)
}

func object(status, code, subcode int) platformtest.Answer {
	return platformtest.Answer{Status: status, Body: refused(code, subcode, "")}
}

func stamp(at time.Time) string { return at.Format("2006-01-02T15:04:05-0700") }

// listed is a list with our answer in it, when it was said.
func listed(said bool, item string) platformtest.Answer {
	if !said {
		item = ""
	}
	return platformtest.Answer{Status: 200, Body: `{"data":[` + item + `]}`}
}

func TestFacebookPublic(t *testing.T) {
	ours := fmt.Sprintf(`{"id":"7_9","message":%q,"from":{"id":%q},"created_time":%q}`, platformtest.Text, ourPage, stamp(platformtest.SaidAt()))
	platformtest.Run(t, platformtest.Way{
		New:       facebookAt,
		Out:       post.Outgoing{Account: ourPage, Target: "7_8", Visibility: post.Public, Text: platformtest.Text},
		Sent:      platformtest.Answer{Status: 200, Body: `{"id":"7_9"}`},
		ID:        "7_9",
		Said:      formText,
		Read:      func(_ *http.Request, said bool) platformtest.Answer { return listed(said, ours) },
		Elsewhere: elsewhere,
		Refusals:  refusals(),
		Told:      told(),
		Secrets:   []string{proof(platformtest.Token)},
	})
}

// elsewhere is an empty page that goes on at another host.
func elsewhere(r *http.Request, foreign string) platformtest.Answer {
	return platformtest.Answer{Status: 200, Body: fmt.Sprintf(`{"data":[],"paging":{"next":%q}}`, foreign+r.URL.Path+"?after=B")}
}

func TestInstagramPublic(t *testing.T) {
	ours := fmt.Sprintf(`{"id":"9","text":%q,"from":{"id":%q,"username":"x"},"timestamp":%q}`,
		platformtest.Text, ourIG, stamp(platformtest.SaidAt()))
	for name, above := range map[string]bool{"under a comment": false, "under an answer": true} {
		t.Run(name, func(t *testing.T) {
			platformtest.Run(t, platformtest.Way{
				New:  instagramAt,
				Out:  post.Outgoing{Account: ourIG, Target: "8", Visibility: post.Public, Text: platformtest.Text},
				Sent: platformtest.Answer{Status: 200, Body: `{"id":"9"}`},
				ID:   "9",
				Said: formText,
				Read: func(r *http.Request, said bool) platformtest.Answer {
					switch {
					case r.URL.Path == "/graph/v25.0/8" && above:
						return platformtest.Answer{Status: 200, Body: `{"id":"8","parent_id":"6"}`}
					case r.URL.Path == "/graph/v25.0/8":
						return platformtest.Answer{Status: 200, Body: `{"id":"8"}`}
					case r.URL.Path == "/graph/v25.0/6/replies":
						return listed(said && above, ours)
					default:
						return listed(said && !above, ours)
					}
				},
				Elsewhere: elsewhere,
				Refusals: refusals(
					platformtest.Refusal{Name: "Instagram took too long", Answer: object(400, 9004, 2207003), Kind: fault.Uncertain, Reason: meta.ReasonUnknown},
					platformtest.Refusal{Name: "Instagram refuses the text", Answer: object(400, 36000, 2207051), Kind: fault.Permanent, Reason: meta.ReasonContent},
				),
				Secrets: []string{proof(platformtest.Token)},
			})
		})
	}
}

// ofMessages are the refusals of private messages.
func ofMessages(more ...platformtest.Refusal) []platformtest.Refusal {
	return refusals(append(more,
		platformtest.Refusal{Name: "this person cannot be written to", Answer: object(400, 551, 0), Kind: fault.Permanent, Reason: meta.ReasonRecipient},
		platformtest.Refusal{Name: "nobody of that id", Answer: object(400, 100, 2018001), Kind: fault.Permanent, Reason: meta.ReasonRecipient},
		platformtest.Refusal{Name: "an old tag", Answer: object(400, 100, 1893061), Kind: fault.Permanent, Reason: meta.ReasonWindow},
	)...)
}

// conversation is the list of our conversations, with one in it.
func conversation(said bool, account string) platformtest.Answer {
	message := ""
	if said {
		message = fmt.Sprintf(`{"id":"m_9/+=","message":%q,"from":{"id":%q},"created_time":%q}`, platformtest.Text, account, stamp(platformtest.SaidAt()))
	}
	return platformtest.Answer{Status: 200, Body: `{"data":[{"id":"t_1","messages":{"data":[` + message + `]}}]}`}
}

// talksElsewhere is a conversation that goes on at another host, and the author of what began it.
func talksElsewhere(_ *http.Request, foreign string) platformtest.Answer {
	return platformtest.Answer{Status: 200, Body: fmt.Sprintf(
		`{"id":"8","from":{"id":"555"},"data":[{"id":"t_1","messages":{"data":[],"paging":{"next":%q}}}]}`,
		foreign+"/graph/v25.0/t_1/messages?after=B")}
}

// readTalks answers the looks for a private answer to the person 555, who wrote whatever 8 is.
func readTalks(account string) func(*http.Request, bool) platformtest.Answer {
	return func(r *http.Request, said bool) platformtest.Answer {
		switch {
		case strings.HasSuffix(r.URL.Path, "8"):
			return platformtest.Answer{Status: 200, Body: `{"id":"8","from":{"id":"555","username":"x"}}`}
		case r.FormValue("user_id") != "555":
			return platformtest.Answer{Status: 400, Body: `{}`}
		default:
			return conversation(said, account)
		}
	}
}

func TestMessenger(t *testing.T) {
	platformtest.Run(t, platformtest.Way{
		New:       facebookAt,
		Out:       post.Outgoing{Account: ourPage, Target: "m_1", Recipient: "555", Visibility: post.Private, Text: platformtest.Text, Tag: "01CASO.r000003"},
		Sent:      platformtest.Answer{Status: 200, Body: `{"recipient_id":"555","message_id":"m_9/+="}`},
		ID:        "m_9/+=",
		Said:      letterText,
		Read:      readTalks(ourPage),
		Elsewhere: talksElsewhere,
		Told:      told(),
		Refusals: ofMessages(
			platformtest.Refusal{Name: "the day is over", Answer: object(400, 10, 2018278), Kind: fault.Permanent, Reason: meta.ReasonWindow},
		),
		Secrets: []string{proof(platformtest.Token)},
	})
}

func TestFacebookPrivateReply(t *testing.T) {
	platformtest.Run(t, platformtest.Way{
		New:       facebookAt,
		Out:       post.Outgoing{Account: ourPage, Target: "7_8", Visibility: post.Private, Text: platformtest.Text},
		Sent:      platformtest.Answer{Status: 200, Body: `{"recipient_id":"555","message_id":"m_9/+="}`},
		ID:        "m_9/+=",
		Said:      letterText,
		Read:      readTalks(ourPage),
		Elsewhere: talksElsewhere,
		Refusals: ofMessages(
			platformtest.Refusal{Name: "answered before", Answer: object(400, 10900, 0), Kind: fault.Permanent, Reason: meta.ReasonNotAllowed},
			platformtest.Refusal{Name: "cannot be answered", Answer: object(400, 10903, 0), Kind: fault.Permanent, Reason: meta.ReasonNotAllowed},
		),
		Secrets: []string{proof(platformtest.Token)},
	})
}

func TestInstagramPrivate(t *testing.T) {
	for name, recipient := range map[string]string{"to a person": "555", "to a comment": ""} {
		t.Run(name, func(t *testing.T) {
			platformtest.Run(t, platformtest.Way{
				New:       instagramAt,
				Out:       post.Outgoing{Account: ourIG, Target: "8", Recipient: recipient, Visibility: post.Private, Text: platformtest.Text},
				Sent:      platformtest.Answer{Status: 200, Body: `{"recipient_id":"555","message_id":"m_9/+="}`},
				ID:        "m_9/+=",
				Said:      letterText,
				Read:      readTalks(ourIG),
				Elsewhere: talksElsewhere,
				Refusals: ofMessages(
					platformtest.Refusal{Name: "the day is over", Answer: object(400, 10, 2534022), Kind: fault.Permanent, Reason: meta.ReasonWindow},
				),
				Secrets: []string{proof(platformtest.Token)},
			})
		})
	}
}
