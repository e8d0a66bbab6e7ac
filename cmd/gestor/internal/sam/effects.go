package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// patience is how long an effect may take: what a function hands over is worked by the local system.
const patience = time.Minute

// effects are what an event should have done, by its name: each function gives what is wrong, empty when nothing is.
func (l *lane) effects() map[string]func(context.Context) string {
	return map[string]func(context.Context) string{
		"webhook/comment":        l.opened("122100000000000101_9000001"),
		"webhook/comment-base64": l.opened("122100000000000101_9000002"),
		"webhook/forged":         l.absent("122100000000000101_9000003"),
		"webhook/unsigned":       l.absent("122100000000000101_9000003"),
		"webhook/broken":         l.quarantined(1),
		"intake/comment":         l.opened("122100000000000101_9000011"),
		"intake/batch":           l.opened("122100000000000101_9000012", "122100000000000101_9000013"),
		"intake/broken":          l.quarantined(1),
		"deliver/publish":        l.answered(1),
		"deliver/batch":          l.answered(2),
		"deliver/wrong-topic":    l.silent(3),
		"deliver/post":           l.postIn(approvedPost, "sent", 1),
		"deliver/post-lapse":     l.postIn(lapsingPost, "expired", 1),
		"escalate/file":          l.filed(4),
		"escalate/batch":         l.filed(5),
		"relay/insert":           l.answered(6),
		"relay/batch":            l.answered(7),
		"tick/minute":            l.answered(9),
		"tick/soon":              l.answered(10),
		"tick/soon-batch":        l.answered(11),
		"desk/claim":             l.inState(untouched, "en_analisis"),
		"fetch/minute":           l.looked("facebook", time.Date(2098, 6, 1, 0, 0, 0, 0, time.UTC)),
		"fetch/look":             l.looked("whatsapp", time.Time{}),
		"fetch/item":             l.opened(awaited()[0]),
		"fetch/batch":            l.opened(awaited()[1]),
		"fetch/media":            l.lost(attached),
		"fetch/forget":           l.noted(lent, "mention.forgotten"),
		"fetch/connect":          l.sent(connection),
		"fetch/wrong-topic":      l.silent(3),
	}
}

// until asks again and again until ask finds nothing wrong any more, and gives what was wrong last.
func until(ctx context.Context, ask func() string) string {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		wrong := ask()
		if wrong == "" {
			return ""
		}
		select {
		case <-ctx.Done():
			return wrong
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// opened expects a case for each of these comments.
func (l *lane) opened(comments ...string) func(context.Context) string {
	return func(ctx context.Context) string {
		for _, comment := range comments {
			wrong := until(ctx, func() string {
				if n := l.count(ctx, comment); n != 1 {
					return fmt.Sprintf("%d cases of comment %s, want 1", n, comment)
				}
				return ""
			})
			if wrong != "" {
				return wrong
			}
		}
		return ""
	}
}

// absent expects no case of the comment, now.
func (l *lane) absent(comment string) func(context.Context) string {
	return func(ctx context.Context) string {
		if n := l.count(ctx, comment); n != 0 {
			return fmt.Sprintf("%d cases of comment %s, want none", n, comment)
		}
		return ""
	}
}

// count gives how many cases the API finds for a comment, -1 when it fails.
func (l *lane) count(ctx context.Context, comment string) int {
	var page struct{ Items []json.RawMessage }
	status, err := l.ask(ctx, "GET", l.base+"/api/v1/tickets?view=all&q="+url.QueryEscape(comment), "", &page)
	if err != nil || status != http.StatusOK {
		return -1
	}
	return len(page.Items)
}

// seen is a case as the API shows it, as far as the effects look.
type seen struct {
	State   string
	Number  string
	SIAC    struct{ State, Folio string }
	Replies []struct{ State, RemoteID, Text string }
	Events  []struct{ Kind string }

	Mentions []struct {
		Attachments []struct {
			Media struct{ State, Reason string }
		}
	}
}

func (l *lane) get(ctx context.Context, n int) (seen, error) {
	var c seen
	status, err := l.ask(ctx, "GET", l.base+"/api/v1/tickets/"+caseID(n), "", &c)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("case %d: status %d", n, status)
	}
	return c, err
}

// answered expects the reply of case n recorded as sent, and on the network exactly once.
func (l *lane) answered(n int) func(context.Context) string {
	return func(ctx context.Context) string {
		return until(ctx, func() string {
			c, err := l.get(ctx, n)
			if err != nil {
				return err.Error()
			}
			if len(c.Replies) != 1 || c.Replies[0].State != "sent" || c.Replies[0].RemoteID == "" {
				return fmt.Sprintf("replies of case %d: %+v, want one sent", n, c.Replies)
			}
			if times := l.times(ctx, said(n)); times != 1 {
				return fmt.Sprintf("the reply of case %d was said %d times, want once", n, times)
			}
			return ""
		})
	}
}

// silent expects the reply of case n still planned, and unsaid.
func (l *lane) silent(n int) func(context.Context) string {
	return func(ctx context.Context) string {
		c, err := l.get(ctx, n)
		if err != nil {
			return err.Error()
		}
		if len(c.Replies) != 1 || c.Replies[0].State != "planned" || l.times(ctx, said(n)) != 0 {
			return fmt.Sprintf("replies of case %d: %+v, want one planned and unsaid", n, c.Replies)
		}
		return ""
	}
}

// times counts a text among what the simulated network got from us.
func (l *lane) times(ctx context.Context, text string) int {
	var sent []struct{ Text string }
	if status, err := l.ask(ctx, "GET", l.sim+"/sim/facebook/sent", "", &sent); err != nil || status != http.StatusOK {
		return -1
	}
	n := 0
	for _, s := range sent {
		if s.Text == text {
			n++
		}
	}
	return n
}

// filed expects one folio for case n, the same in SIAC and in the case.
func (l *lane) filed(n int) func(context.Context) string {
	return func(ctx context.Context) string {
		c, err := l.get(ctx, n)
		if err != nil {
			return err.Error()
		}
		var cases []struct {
			Folio string
			Ref   string `json:"ref_externa"`
		}
		if _, err := l.ask(ctx, "GET", l.sim+"/sim/siac/casos", "", &cases); err != nil {
			return err.Error()
		}
		var folios []string
		for _, s := range cases {
			if s.Ref == c.Number {
				folios = append(folios, s.Folio)
			}
		}
		if c.SIAC.State != "filed" || !slices.Equal(folios, []string{c.SIAC.Folio}) {
			return fmt.Sprintf("case %d is %+v, SIAC has %q", n, c.SIAC, folios)
		}
		return ""
	}
}

// quarantined expects at least so many deliveries put aside.
func (l *lane) quarantined(least int) func(context.Context) string {
	return func(ctx context.Context) string {
		return until(ctx, func() string {
			var page struct{ Items []json.RawMessage }
			status, err := l.ask(ctx, "GET", l.base+"/api/v1/quarantine", "", &page)
			if err != nil || len(page.Items) < least {
				return fmt.Sprintf("quarantine: %d with %d deliveries, want %d, %v", status, len(page.Items), least, err)
			}
			return ""
		})
	}
}

// looked expects an account of a network looked at: at this instant, or at any where none is given.
func (l *lane) looked(network string, at time.Time) func(context.Context) string {
	return func(ctx context.Context) string {
		return until(ctx, func() string {
			var page struct {
				Items []struct {
					Network string
					Checked time.Time
				}
			}
			_, err := l.ask(ctx, "GET", l.base+"/api/v1/channels", "", &page)
			for _, c := range page.Items {
				if c.Network == network && !c.Checked.IsZero() && (at.IsZero() || c.Checked.Equal(at)) {
					return ""
				}
			}
			return fmt.Sprintf("%s is not looked at: %+v, %v", network, page.Items, err)
		})
	}
}

// lost expects what hangs on case n to be given up.
func (l *lane) lost(n int) func(context.Context) string {
	return func(ctx context.Context) string {
		c, err := l.get(ctx, n)
		if err != nil {
			return err.Error()
		}
		if len(c.Mentions) != 1 || len(c.Mentions[0].Attachments) != 1 || c.Mentions[0].Attachments[0].Media.State != "lost" {
			return fmt.Sprintf("on case %d hangs %+v, want one thing lost", n, c.Mentions)
		}
		return ""
	}
}

// noted expects the history of case n to say that this was done.
func (l *lane) noted(n int, kind string) func(context.Context) string {
	return func(ctx context.Context) string {
		c, err := l.get(ctx, n)
		if err != nil {
			return err.Error()
		}
		for _, e := range c.Events {
			if e.Kind == kind {
				return ""
			}
		}
		return fmt.Sprintf("the history of case %d is %+v, want %s in it", n, c.Events, kind)
	}
}

// sent expects a connection to know where its person is to go.
func (l *lane) sent(id string) func(context.Context) string {
	return func(ctx context.Context) string {
		var c struct{ Step, URL, Reason string }
		status, err := l.ask(ctx, "GET", l.base+"/api/v1/connections/"+id, "", &c)
		if err != nil || c.URL == "" {
			return fmt.Sprintf("the connection: %d, %+v, %v", status, c, err)
		}
		return ""
	}
}

// inState expects case n in this state.
func (l *lane) inState(n int, state string) func(context.Context) string {
	return func(ctx context.Context) string {
		c, err := l.get(ctx, n)
		if err != nil {
			return err.Error()
		}
		if c.State != state {
			return fmt.Sprintf("case %d is %s, want %s", n, c.State, state)
		}
		return ""
	}
}

// ask makes one request, with the token of a local person once there is one, and decodes the answer into out unless it is
// nil. Headers are name and value in turn.
func (l *lane) ask(ctx context.Context, method, address, body string, out any, headers ...string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	if l.token != "" && strings.HasPrefix(address, l.base) {
		req.Header.Set("Authorization", "Bearer "+l.token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil || out == nil {
		return res.StatusCode, err
	}
	return res.StatusCode, json.Unmarshal(raw, out)
}
