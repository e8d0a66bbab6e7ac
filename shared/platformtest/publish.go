package platformtest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/post"
)

// Publisher publishes posts of ours on a network, as deliver uses it.
type Publisher interface {
	Prepare(ctx context.Context, b post.Broadcast, now time.Time) (post.Prepared, error)
	Publish(ctx context.Context, b post.Broadcast) (post.Receipt, error)
	Published(ctx context.Context, b post.Broadcast, since time.Time) (remoteID string, found bool, err error)
	PostURL(account, id string) string
	Reason(err error) string
}

// Publishing describes how posts go out on a network.
type Publishing struct {
	New     func(base string) (Publisher, error)
	Shapes  []Shape
	Told    []Told
	Secrets []string
}

// Shape is one sort of post: words alone, with pictures, with a video. Post has neither Prepared nor Stands; its text is Text,
// or that of its template's first word. Says is the text that the network must hear, Text when it is empty.
//
// Publishes tells the one request that makes a post seen from all others. Heard is what any request says: the suite puts
// together what Prepare and Publish say. Show is what the network answers to every request but the one that publishes, with the
// post published (as ID, at SaidAt) or not; here is its own base address. Sent is its answer to the one that publishes.
//
// NoAlts says that the network takes no words for what these files show. Blind says that it cannot be read back. Elsewhere, which may be nil, is a page of Published without our post whose
// continuation is on the host of the address foreign. Refusals are the network's own of Publish, Unprepared those of Prepare.
type Shape struct {
	Name       string
	Post       post.Broadcast
	Says       string
	ID, URL    string
	Publishes  func(r *http.Request) bool
	Heard      func(r *http.Request, body []byte) Heard
	Show       func(r *http.Request, published bool, here string) Answer
	Sent       Answer
	NoAlts     bool
	Blind      bool
	Elsewhere  func(r *http.Request, foreign string) Answer
	Refusals   []Refusal
	Unprepared []Refusal
}

// Heard is what one request says of a post: its text, and what its pictures show, in words; most say neither.
type Heard struct {
	Text string
	Alts []string
}

// Files are files of the library: as many bytes as anybody asks for, and links that lead nowhere.
type Files struct{}

// Link gives an address that names the file.
func (Files) Link(_ context.Context, key string, _ time.Duration) (string, error) {
	return "https://files.example/" + key, nil
}

// Range gives size bytes of the file from an offset, of which each tells where it stands.
func (Files) Range(_ context.Context, _ string, from, size int64) ([]byte, error) {
	out := make([]byte, size)
	for i := range out {
		out[i] = byte(from + int64(i))
	}
	return out, nil
}

// RunPublisher tries the publishing.
func RunPublisher(t *testing.T, p Publishing) {
	t.Helper()
	for _, c := range publishCases(p) {
		t.Run(c.name, func(t *testing.T) {
			for _, complaint := range c.complaints(t.Context(), p) {
				t.Error(complaint)
			}
		})
	}
}

// onePublish is one case of one shape. Posts that need nothing brought ahead have no case that brings.
type onePublish struct {
	name   string
	shape  Shape
	brings bool
	try    func(ctx context.Context, d *stage) []string
}

// stage is the network of one case and the publisher that talks to it.
type stage struct {
	Publisher
	*network
	shape Shape

	hear  sync.Mutex
	heard []Heard
}

func (c onePublish) complaints(ctx context.Context, p Publishing) []string {
	if wrong := p.described(); c.try == nil || len(wrong) > 0 {
		return wrong
	}
	d := &stage{shape: c.shape}
	d.network = newNetwork(Way{Sent: c.shape.Sent, Secrets: p.Secrets, Writes: c.shape.Publishes, Said: d.listen})
	defer d.close()
	d.onRead = d.shows
	var err error
	if d.Publisher, err = p.New(d.URL); err != nil {
		return []string{"New: " + err.Error()}
	}
	if c.brings {
		if _, wrong := d.ready(ctx); len(wrong) > 0 || d.looks() == 0 {
			return nil // what needs nothing cannot fail; what cannot be prepared is another case
		}
		return onePublish{name: c.name, shape: c.shape, try: c.try}.complaints(ctx, p)
	}
	return append(c.try(ctx, d), d.stray()...)
}

// listen keeps what the request that publishes says.
func (d *stage) listen(r *http.Request, body []byte) string {
	d.hear.Lock()
	defer d.hear.Unlock()
	d.heard = append(d.heard, d.shape.Heard(r, body))
	return ""
}

// shows answers all other requests, and keeps what they say.
func (d *stage) shows(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the other side went away
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	d.listen(r, body)
	d.answer(d.shape.Show(r, len(d.texts()) > 0, d.URL))(rw, r)
}

// maxAsked is how often a post is asked whether it is ready.
const maxAsked = 50

// ready prepares the post as deliver does, from one message to the next, and gives it as it is then published.
func (d *stage) ready(ctx context.Context) (post.Broadcast, []string) {
	b, now := d.shape.Post, SaidAt().Add(-time.Hour)
	for range maxAsked {
		got, err := d.Prepare(ctx, b, now)
		if err != nil {
			return b, []string{"Prepare: " + err.Error()}
		}
		var out []string
		if b.Prepared, out = stored(got); len(out) > 0 {
			return b, out
		}
		switch {
		case len(d.texts()) > 0:
			return b, []string{"Prepare publishes"}
		case got.Good(now):
			return b, endless(got.Usage)
		case got.Wait <= 0:
			return b, []string{"not ready, and nothing says when to ask again"}
		}
		now = now.Add(got.Wait)
	}
	return b, []string{"it is never ready"}
}

// stored gives what was prepared as it is after it was kept.
func stored(p post.Prepared) (post.Prepared, []string) {
	var back post.Prepared
	text, err := json.Marshal(p)
	if err == nil {
		err = json.Unmarshal(text, &back)
	}
	if err != nil {
		return back, []string{"what was prepared cannot be kept: " + err.Error()}
	}
	return back, nil
}

func publishCases(p Publishing) []onePublish {
	all := []onePublish{{name: "described whole"}}
	for _, s := range p.Shapes {
		cases := slices.Concat(shapeCases(s), prepareCases(s), unclearCases(s), publishedCases(s), publishTold(p, s))
		for _, c := range cases {
			c.name, c.shape = s.Name+": "+c.name, s
			all = append(all, c)
		}
	}
	return all
}

// described refuses a description that tries too little.
func (p Publishing) described() []string {
	var out []string
	if p.New == nil || len(p.Shapes) == 0 {
		out = append(out, "the publishing lacks New or Shapes")
	}
	for _, s := range p.Shapes {
		out = slices.Concat(out, s.described(), quotable(s.Refusals), quotable(s.Unprepared))
	}
	return out
}

func (s Shape) described() []string {
	var out []string
	if s.Post.Account == "" || s.ID == "" || s.Sent.Status == 0 || s.Publishes == nil || s.Heard == nil || s.Show == nil {
		out = append(out, s.Name+": lacks Post.Account, ID, Sent, Publishes, Heard or Show")
	}
	words := s.Post.Text
	if t := s.Post.Template; t != nil && len(t.Params) > 0 {
		words = t.Params[0]
	}
	if words != Text {
		out = append(out, s.Name+": its text is not Text")
	}
	for _, m := range s.Post.Media {
		if m.Alt == "" || m.Kind == "" {
			out = append(out, s.Name+": a file lacks its Kind, or words for what it shows")
		}
	}
	if len(s.Refusals) == 0 {
		out = append(out, s.Name+": no refusal of the network's own")
	}
	return out
}

// asked counts all requests.
func (d *stage) asked() int { return d.looks() + len(d.texts()) }

// publish prepares, and publishes into what answers so; nil is the good answer.
func (d *stage) publish(ctx context.Context, onWrite http.HandlerFunc) (post.Receipt, []string, error) {
	b, wrong := d.ready(ctx)
	if len(wrong) > 0 {
		return post.Receipt{}, wrong, nil
	}
	if onWrite != nil {
		d.onWrite = onWrite
	}
	before := d.looks()
	got, err := d.Publish(ctx, b)
	out := d.once()
	if more := d.looks() - before; more != 0 {
		out = append(out, fmt.Sprintf("Publish makes %d requests beside the one that publishes", more))
	}
	return got, out, err
}

func publishedWell(ctx context.Context, d *stage) []string {
	got, out, err := d.publish(ctx, nil)
	if err != nil || got.ID != d.shape.ID {
		return append(out, fmt.Sprintf("Publish gave %q, %v; want %q", got.ID, err, d.shape.ID))
	}
	out = append(out, endless(got.Usage)...)
	if reason := d.Reason(nil); reason != "" {
		out = append(out, fmt.Sprintf("no error has the reason %q", reason))
	}
	if url := d.PostURL(d.shape.Post.Account, got.ID); url != d.shape.URL {
		out = append(out, fmt.Sprintf("its address is %q, want %q", url, d.shape.URL))
	}
	if d.kept {
		out = append(out, "a connection is kept for another request, and may be dead by then")
	}
	if d.shown {
		out = append(out, "the key stands in an address")
	}
	return append(out, d.arrived()...)
}

// arrived compares all that was said with what the post says: each text and each alternative text once, and none else.
func (d *stage) arrived() []string {
	d.hear.Lock()
	defer d.hear.Unlock()
	want := map[string]int{cmpText(d.shape.Says): 1}
	for _, m := range d.shape.Post.Media {
		if !d.shape.NoAlts {
			want["alt "+m.Alt]++
		}
	}
	got := map[string]int{}
	for _, h := range d.heard {
		if h.Text != "" {
			got["text "+h.Text]++
		}
		for _, alt := range h.Alts {
			got["alt "+alt]++
		}
	}
	if !maps.Equal(got, want) {
		return []string{fmt.Sprintf("the network heard %q, want %q", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))}
	}
	return nil
}

func cmpText(says string) string {
	if says == "" {
		says = Text
	}
	return "text " + says
}

func publishTold(p Publishing, s Shape) []onePublish {
	var all []onePublish
	for _, told := range p.Told {
		for name, a := range map[string]Answer{"": s.Sent, ", in a refusal": {401, `{}`, nil}} {
			all = append(all, onePublish{
				name: "what is used up: " + told.Name + name,
				try: func(ctx context.Context, d *stage) []string {
					got, out, _ := d.publish(ctx, d.answer(told.beside(a)))
					return append(out, told.judge(got.Usage)...)
				},
			})
		}
	}
	return all
}
