package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// seenPost is a post as the API shows it, as far as the tests look.
type seenPost struct {
	ID, State string
	Version   int
	PublishAt struct {
		At                time.Time
		Local, Zone, Note string
	} `json:"publishAt"`
	Targets map[string]seenTarget
}

type seenTarget struct {
	State, Reason, RemoteID, URL string
	At, SentAt                   time.Time
	Figures                      *struct{ At time.Time }
}

// posting is a request about posts; it gives the status and the post after it.
func (w *whole) posting(user, method, path string, body any) (int, seenPost) {
	w.t.Helper()
	var after seenPost
	key := fmt.Sprintf("%s-%s-%d", user, strings.ReplaceAll(path, "/", "-"), time.Now().UnixNano())
	status := w.ask(method, w.base+"/api/v1/"+path, body, &after, append(w.as(user), "Idempotency-Key", key)...)
	return status, after
}

func (w *whole) mustPost(user, method, path string, body any) seenPost {
	w.t.Helper()
	status, after := w.posting(user, method, path, body)
	if status/100 != 2 {
		w.t.Fatalf("%s %s as %s: %d", method, path, user, status)
	}
	return after
}

func (w *whole) seePost(id string) seenPost {
	w.t.Helper()
	var p seenPost
	if status := w.ask("GET", w.base+"/api/v1/posts/"+id, nil, &p, w.as("comunicaciones")...); status != 200 {
		w.t.Fatalf("post %s: %d", id, status)
	}
	return p
}

// picture brings a fictitious photo to the library and gives its id. Shade makes it one of its own.
func (w *whole) picture(shade uint8) string {
	w.t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 640, 640))
	for x := range 640 {
		for y := range 640 {
			img.Set(x, y, color.RGBA{R: uint8(x / 3), G: shade, B: uint8(y / 3), A: 255})
		}
	}
	var raw bytes.Buffer
	if err := jpeg.Encode(&raw, img, nil); err != nil {
		w.t.Fatal(err)
	}
	var file struct{ ID string }
	headers := append(w.as("comunicaciones"), "Idempotency-Key", fmt.Sprint("foto-", shade))
	if status := w.ask("POST", w.base+"/api/v1/library?name=foto.jpg", raw.Bytes(), &file, headers...); status/100 != 2 || file.ID == "" {
		w.t.Fatalf("the library answers %d", status)
	}
	return file.ID
}

// published gives what stands on a network as a post of ours: how often each mark is found in it.
func (w *whole) published(network string) map[string]int {
	w.t.Helper()
	var sent []struct{ ID, InReplyTo, Text string }
	if status := w.ask("GET", w.sim+"/sim/"+network+"/sent", nil, &sent); status != 200 {
		w.t.Fatalf("what was sent on %s: %d", network, status)
	}
	out := map[string]int{}
	for _, s := range sent {
		if _, rest, found := strings.Cut(s.Text, "marca-"); found {
			mark, _, _ := strings.Cut(rest, " ")
			out[mark]++
		}
	}
	return out
}

// matterPosts are the posts, and for each its networks, about which something waits for a person.
func (w *whole) matterPosts() map[string]bool {
	w.t.Helper()
	out := map[string]bool{}
	cursor := ""
	for {
		var page struct {
			Items []struct{ Post, Ticket, Kind, ID string }
			Next  string
		}
		address := w.base + "/api/v1/attention?limit=200&cursor=" + url.QueryEscape(cursor)
		if status := w.ask("GET", address, nil, &page, w.as("supervisor")...); status != 200 {
			w.t.Fatalf("attention: %d", status)
		}
		for _, a := range page.Items {
			out[a.Post+"/"+a.ID] = true
			out[a.Ticket] = out[a.Ticket] || a.Ticket != ""
		}
		if cursor = page.Next; cursor == "" {
			return out
		}
	}
}

// told reports whether a person is told of a post's target.
func told(matters map[string]bool, id, network string) bool {
	return slices.ContainsFunc([]string{"post_unknown", "post_refused", "post_expired", "post_late"}, func(kind string) bool {
		return matters[id+"/"+kind+"-"+network]
	})
}

// crowd does something n times, eight at a time.
func crowd(n int, do func(i int)) {
	side := make(chan struct{}, 8)
	var wg sync.WaitGroup
	for i := range n {
		side <- struct{}{}
		wg.Go(func() {
			defer func() { <-side }()
			do(i)
		})
	}
	wg.Wait()
}

// mixed are the faults that writes of every network meet.
func (w *whole) mixed(networks []string, seed int) {
	w.t.Helper()
	for _, n := range networks {
		for mode, rate := range map[string]float64{
			"apply_then_500": 0.02, "apply_then_reset": 0.02, "apply_then_hang": 0.002, "refuse_429": 0.02, "refuse_500": 0.02,
			"token_expired": 0.0005, "html_error": 0.01,
		} {
			if status := w.ask("POST", w.sim+"/sim/faults", map[string]any{"target": n, "mode": mode, "rate": rate, "seed": seed}, nil); status/100 != 2 {
				w.t.Fatalf("fault: %d", status)
			}
		}
	}
}

// plannedItems is how many posts for three networks, posts for Instagram among them, answers on WhatsApp and minutes there are:
// some ten thousand items with GESTOR_PLANNED=10000 (make soak, half an hour), a fifth of that without.
func plannedItems() (posts, more, answers, minutes int) {
	if os.Getenv("GESTOR_PLANNED") == "10000" {
		return 2975, 90, 1000, 60
	}
	return 595, 40, 200, 15
}

// Ten thousand items are planned over five networks, most of them posts and some of them answers; calls fail in every way, the
// minute comes twice or far too late, and the system is killed again and again while it publishes. Each is there once, or was
// refused, or expired, or waits for a person; nothing is there twice, and nothing is late without anybody knowing.
func TestTenThousandPlanned(t *testing.T) {
	posts, more, answers, minutes := plannedItems() // Instagram takes a hundred posts a day; WhatsApp has none
	w := start(t, "GESTOR_ESCALATE_UNDO=240h", "GESTOR_X_DAILY_USD=1000")
	networks := []string{"instagram", "facebook", "x", "linkedin"}
	day := time.Now().UTC().Truncate(time.Minute).Add(6 * time.Hour)
	moment := func(i int) time.Time { return day.Add(time.Duration(i%minutes) * time.Minute) }
	photo := w.picture(7)
	for _, user := range []string{"comunicaciones", "supervisor", "ejecutivo1", "auditor"} {
		_ = w.as(user)
	}
	ids := make([]string, posts)
	crowd(posts, func(i int) {
		going := networks[1:]
		if i < more {
			going = networks
		}
		p := w.mustPost("comunicaciones", "POST", "posts", map[string]any{
			"text": fmt.Sprintf("Postula a los cursos ficticios. Aviso marca-%d de prueba.", i), "networks": going,
			"media": []map[string]string{{"id": photo, "alt": "Una sala de clases ficticia"}}, "publishAt": moment(i).Format(time.RFC3339),
		})
		w.mustPost("comunicaciones", "POST", "posts/"+p.ID+"/submit", map[string]any{})
		w.mustPost("supervisor", "POST", "posts/"+p.ID+"/approve", map[string]any{})
		ids[i] = p.ID
	})
	held := w.answersForLater(answers, func(i int) time.Time { return moment(i) })
	w.mixed(append(slices.Clone(networks), "whatsapp"), 23)
	for minute := range minutes - 1 {
		at := day.Add(time.Duration(minute) * time.Minute)
		if minute%11 == 3 {
			w.killedAt(at)
			w.sweep(map[string]string{})
			continue
		}
		w.minute(at, minute%5 == 0)
	}
	late := day.Add(time.Duration(minutes+20) * time.Minute) // for the last minute's, nobody ran for twenty minutes
	w.minute(late, true)
	w.drain(ids, held, late)
	w.account(networks, ids, held)
}

// minute has everything done that is due until at, perhaps asked for twice more at once. On a slow machine the local clock is past
// it already.
func (w *whole) minute(at time.Time, again bool) {
	w.t.Helper()
	body := map[string]string{}
	if w.now().Before(at.Add(-time.Second)) {
		body["at"] = at.UTC().Format(time.RFC3339)
	}
	w.sweep(body)
	if again {
		crowd(2, func(int) { w.sweep(map[string]string{}) })
	}
}

// sweep has everything done that is due, by the instant of the body or by now. A function that is cut off because there is too much
// to hand over goes on where it was.
func (w *whole) sweep(body map[string]string) {
	w.t.Helper()
	const rounds = 10
	for range rounds {
		switch status := w.ask("POST", w.base+"/local/tick", body, nil); status {
		case http.StatusOK:
			return
		case http.StatusInternalServerError:
			body = map[string]string{}
		default:
			w.t.Fatalf("tick: %d", status)
		}
	}
	w.t.Fatal("the minute never ends")
}

// standing is how many posts stand on one of the networks.
func (w *whole) standing() int {
	w.t.Helper()
	var sent []json.RawMessage
	if status := w.ask("GET", w.sim+"/sim/facebook/sent", nil, &sent); status != http.StatusOK {
		w.t.Fatalf("what was sent: %d", status)
	}
	return len(sent)
}

// killedAt has everything done that is due until at, and ends the program while it does that.
func (w *whole) killedAt(at time.Time) {
	w.t.Helper()
	body := strings.NewReader(`{"at":"` + at.UTC().Format(time.RFC3339) + `"}`)
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, w.base+"/local/tick", body)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		if res, err := http.DefaultClient.Do(req); err == nil {
			_ = res.Body.Close()
		}
	}()
	said := w.standing()
	w.until("the middle of publishing", func() bool { return w.standing() > said })
	w.kill()
	<-gone
	w.run()
}

// kill ends the program and all it started, as a machine does that loses its power.
func (w *whole) kill() {
	_ = w.cmd.Process.Signal(syscall.SIGKILL) // its functions go with it
	_ = w.cmd.Wait()
	w.cmd = nil
}

// spelt is a word for a number below ten thousand; people's search reads figures inside of words as letters, so it has none.
func spelt(n int) string {
	word := "palabra"
	for range 4 {
		word += []string{"ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu"}[n%10]
		n /= 10
	}
	return word
}

// heldAnswer is an answer on WhatsApp that waits for its moment.
type heldAnswer struct{ ticket, mark string }

// answersForLater has n people write on WhatsApp, and answers each at a moment of its own.
func (w *whole) answersForLater(n int, moment func(i int) time.Time) []heldAnswer {
	w.t.Helper()
	held := make([]heldAnswer, n)
	crowd(n, func(i int) {
		body := map[string]string{
			"author": fmt.Sprintf("persona%d", i), "name": fmt.Sprintf("Persona Ficticia %d", i), "kind": "dm",
			"text": "¿Cuándo abre la postulación? " + spelt(i),
		}
		if status := w.ask("POST", w.sim+"/sim/whatsapp/messages", body, nil); status/100 != 2 {
			w.t.Errorf("the simulator answers %d", status)
		}
	})
	crowd(n, func(i int) {
		mark := spelt(i)
		var c seenCase
		w.until("the case of "+mark, func() bool {
			for _, found := range w.list("supervisor", "view=all&network=whatsapp&limit=200&q="+mark) {
				c = found
			}
			return c.ID != ""
		})
		c = w.insist("ejecutivo1", c.ID, "claim", nil)
		w.must("ejecutivo1", c, "reply", map[string]any{
			"visibility": "private", "text": "Hola. Abre el lunes 4 de enero. Respuesta marca-" + mark + " de prueba.", "sendAt": moment(i).Format(time.RFC3339),
		})
		held[i] = heldAnswer{ticket: c.ID, mark: mark}
	})
	return held
}

// drain goes on, minute by minute, until everything has ended or waits for a person.
func (w *whole) drain(ids []string, held []heldAnswer, at time.Time) {
	w.t.Helper()
	left := slices.Clone(ids)
	asked := slices.Clone(held)
	w.untilWithin(longPatience, "everything to end", func() bool {
		matters := w.matterPosts()
		left = slices.DeleteFunc(left, func(id string) bool { return postEnded(w.seePost(id), matters) })
		waiting := w.matterPosts()
		asked = slices.DeleteFunc(asked, func(a heldAnswer) bool { return endOf(w.get("ejecutivo1", a.ticket), waiting[a.ticket]) != "" })
		if len(left)+len(asked) > 0 {
			at = at.Add(time.Minute)
			w.minute(at, false)
		}
		return len(left)+len(asked) == 0
	})
}

// postEnded reports whether nothing more will happen to a post by itself, and whatever went wrong waits for a person.
func postEnded(p seenPost, matters map[string]bool) bool {
	for network, target := range p.Targets {
		switch target.State {
		case "sent":
		case "refused", "expired", "unknown":
			if !told(matters, p.ID, network) {
				return false
			}
		default:
			return false
		}
	}
	return len(p.Targets) > 0
}
