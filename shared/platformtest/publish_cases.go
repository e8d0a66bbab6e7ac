package platformtest

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/post"
)

func shapeCases(s Shape) []onePublish {
	all := []onePublish{
		{name: "said once and whole", try: publishedWell},
		{name: "said by many at once", try: publishedByMany},
		{name: "prepared again", try: preparedAgain},
		{name: "published before it was prepared", brings: true, try: unprepared},
		{name: "nobody listens", try: func(ctx context.Context, d *stage) []string {
			b, out := d.ready(ctx)
			d.Close()
			_, err := d.Publish(ctx, b)
			return append(out, d.judged(d, err, fault.Transient, "unreachable")...)
		}},
		{name: "too late before it began", try: func(ctx context.Context, d *stage) []string {
			b, out := d.ready(ctx)
			before := d.asked()
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			_, err := d.Publish(ctx, b)
			if d.asked() != before {
				out = append(out, "something was said all the same")
			}
			return append(out, d.judged(d, err, fault.Transient, "unreachable")...)
		}},
		{name: "the caller stops waiting", try: func(ctx context.Context, d *stage) []string {
			b, out := d.ready(ctx)
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			d.onWrite = func(_ http.ResponseWriter, r *http.Request) {
				cancel()
				<-r.Context().Done() // the other side hung up
			}
			_, err := d.Publish(ctx, b)
			return slices.Concat(out, d.judged(d, err, fault.Uncertain, ""), d.once())
		}},
		{name: "the connection breaks", try: publishInto(func(*stage) http.HandlerFunc { return reset }, fault.Uncertain, "", 0)},
		{name: "too many calls", try: publishAnswered(Answer{429, `{}`, []string{"Retry-After", "90"}}, fault.Transient, "throttle", 90*time.Second)},
		{name: "too many calls, without a time", try: publishAnswered(Answer{429, `<html>CANARY`, nil}, fault.Transient, "throttle", 0)},
		{name: "not let in", try: publishAnswered(Answer{401, `{}`, nil}, fault.Denied, "auth", 0)},
	}
	for _, r := range s.Refusals {
		all = append(all, onePublish{name: "refused: " + r.Name, try: publishAnswered(r.Answer, r.Kind, r.Reason, r.Wait)})
	}
	return all
}

// unclearCases are those after which nobody knows whether it was published.
func unclearCases(s Shape) []onePublish {
	var all []onePublish
	for name, a := range unclear() {
		all = append(all, onePublish{name: name, try: publishAnswered(a, fault.Uncertain, "", 0)})
		if !s.Blind {
			all = append(all, onePublish{name: "a look at " + name, try: lookForAnswered(a, fault.Transient, "")})
		}
	}
	return all
}

func publishAnswered(a Answer, kind fault.Kind, reason string, wait time.Duration) func(context.Context, *stage) []string {
	return publishInto(func(d *stage) http.HandlerFunc { return d.answer(a) }, kind, reason, wait)
}

// publishInto publishes into something that answers so and checks what the publisher makes of it.
func publishInto(
	answer func(*stage) http.HandlerFunc, kind fault.Kind, reason string, wait time.Duration,
) func(context.Context, *stage) []string {
	return func(ctx context.Context, d *stage) []string {
		got, out, err := d.publish(ctx, answer(d))
		if got.ID != "" {
			out = append(out, fmt.Sprintf("an id %q with an error", got.ID))
		}
		return slices.Concat(out, d.judged(d, err, kind, reason), used(err, reason, wait, got.Usage))
	}
}

// publishedByMany lets the race detector see what calls lend each other.
func publishedByMany(ctx context.Context, d *stage) []string {
	const many = 8
	b, out := d.ready(ctx)
	var all sync.WaitGroup
	errs := make([]error, many)
	for i := range many {
		all.Go(func() { _, errs[i] = d.Publish(ctx, b) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			out = append(out, "Publish: "+err.Error())
		}
	}
	if got := len(d.texts()); got != many {
		out = append(out, fmt.Sprintf("said %d times by %d", got, many))
	}
	return out
}

// preparedAgain: what is ready stays ready, and preparing it from the beginning publishes nothing either.
func preparedAgain(ctx context.Context, d *stage) []string {
	b, out := d.ready(ctx)
	if len(b.Media) == 0 && d.asked() != 0 {
		out = append(out, "words alone are brought ahead")
	}
	got, err := d.Prepare(ctx, b, SaidAt().Add(-time.Hour))
	if err != nil || !got.Ready {
		out = append(out, fmt.Sprintf("what was ready is so no more: %v", err))
	}
	_, wrong := d.ready(ctx)
	if len(d.texts()) != 0 {
		out = append(out, "Prepare publishes")
	}
	return append(out, wrong...)
}

// unprepared: a post does not go out without its pictures.
func unprepared(ctx context.Context, d *stage) []string {
	_, err := d.Publish(ctx, d.shape.Post)
	var out []string
	if d.asked() != 0 {
		out = append(out, "something is said of what was not prepared")
	}
	kind := fault.Invalid
	if fault.Is(err, fault.Transient) {
		kind = fault.Transient
	}
	return append(out, d.judged(d, err, kind, "")...)
}

// prepareCases: nothing is seen of a post that is being prepared, so no failure of it is ever a doubt.
func prepareCases(s Shape) []onePublish {
	all := []onePublish{
		{name: "preparing meets nobody", try: func(ctx context.Context, d *stage) []string {
			d.Close()
			_, err := d.Prepare(ctx, d.shape.Post, SaidAt())
			return d.judged(d, err, fault.Transient, "unreachable")
		}},
		{name: "preparing breaks off", try: prepareInto(func(*stage) http.HandlerFunc { return reset }, fault.Transient, "", 0)},
		{name: "preparing is not let in", try: prepareAnswered(Answer{401, `{}`, nil}, fault.Denied, "auth", 0)},
		{name: "preparing too much", try: prepareAnswered(Answer{429, `{}`, []string{"Retry-After", "90"}}, fault.Transient, "throttle", 90*time.Second)},
		{name: "each request of preparing fails in turn", try: prepareFails},
	}
	for name, a := range unclear() {
		all = append(all, onePublish{name: "preparing meets " + name, try: prepareAnswered(a, fault.Transient, "", 0)})
	}
	for _, r := range s.Unprepared {
		all = append(all, onePublish{name: "not taken: " + r.Name, try: prepareAnswered(r.Answer, r.Kind, r.Reason, r.Wait)})
	}
	for i := range all {
		all[i].brings = true
	}
	return all
}

func prepareAnswered(a Answer, kind fault.Kind, reason string, wait time.Duration) func(context.Context, *stage) []string {
	return prepareInto(func(d *stage) http.HandlerFunc { return d.answer(a) }, kind, reason, wait)
}

// prepareInto prepares against something that answers so to each request.
func prepareInto(
	answer func(*stage) http.HandlerFunc, kind fault.Kind, reason string, wait time.Duration,
) func(context.Context, *stage) []string {
	return func(ctx context.Context, d *stage) []string {
		d.onRead = answer(d)
		got, err := d.Prepare(ctx, d.shape.Post, SaidAt())
		out := slices.Concat(d.judged(d, err, kind, reason), used(err, reason, wait, got.Usage))
		if got.Ready || len(d.texts()) != 0 {
			out = append(out, "ready, or published, in a preparation that failed")
		}
		return out
	}
}

// prepareFails lets every request of a preparation fail once, and goes on from how far it came.
func prepareFails(ctx context.Context, d *stage) []string {
	if _, wrong := d.ready(ctx); len(wrong) > 0 {
		return wrong
	}
	var out []string
	for i := range d.looks() {
		at := atomic.Int64{}
		d.onRead = func(rw http.ResponseWriter, r *http.Request) {
			if at.Add(1) == int64(i)+1 {
				d.answer(Answer{Status: 500, Body: `{"CANARY":1}`})(rw, r)
				return
			}
			d.shows(rw, r)
		}
		for _, wrong := range d.recovers(ctx) {
			out = append(out, fmt.Sprintf("request %d: %s", i+1, wrong))
		}
	}
	return out
}

// recovers prepares a post of which one step fails.
func (d *stage) recovers(ctx context.Context) []string {
	b, now, failed := d.shape.Post, SaidAt().Add(-time.Hour), 0
	for range maxAsked {
		got, err := d.Prepare(ctx, b, now)
		switch {
		case fault.Is(err, fault.Transient):
			failed++
			got.Wait = time.Minute
		case err != nil:
			return append(d.judged(d, err, fault.Transient, ""), d.quiet(err)...)
		case got.Good(now) && failed != 1:
			return []string{fmt.Sprintf("it failed %d times, want once", failed)}
		case got.Good(now):
			return nil
		}
		if got.Has != nil {
			b.Prepared, _ = stored(got)
		}
		now = now.Add(got.Wait)
	}
	return []string{"it is never ready"}
}

func publishedCases(s Shape) []onePublish {
	if s.Blind {
		return []onePublish{{name: "cannot be read back", try: func(ctx context.Context, d *stage) []string {
			_, found, err := d.Published(ctx, d.shape.Post, Since())
			out := d.judged(d, err, fault.Permanent, "")
			if found || d.asked() != 0 {
				out = append(out, "found, or asked for, what cannot be seen")
			}
			return out
		}}}
	}
	all := []onePublish{
		{name: "found after a 500 that was said", try: publishedAfter(func(d *stage) http.HandlerFunc { return d.answer(Answer{500, `{}`, nil}) })},
		{name: "found after the connection broke", try: publishedAfter(func(*stage) http.HandlerFunc { return reset })},
		{name: "not found when it was not said", try: notPublished},
		{name: "a look meets nobody", try: func(ctx context.Context, d *stage) []string {
			b, out := d.ready(ctx)
			d.Close()
			_, found, err := d.Published(ctx, b, Since())
			if found {
				out = append(out, "found where nobody listens")
			}
			return append(out, d.judged(d, err, fault.Transient, "unreachable")...)
		}},
		{name: "a look breaks off", try: lookFor(func(*stage) http.HandlerFunc { return reset }, fault.Transient, "")},
		{name: "a look refused", try: lookForAnswered(Answer{401, `{}`, nil}, fault.Denied, "auth")},
		{name: "a look too many", try: lookForAnswered(Answer{429, `{}`, []string{"Retry-After", "90"}}, fault.Transient, "throttle")},
		{name: "a look at half an answer", try: lookForAnswered(Answer{200, `{"data":[`, nil}, fault.Transient, "")},
	}
	if s.Elsewhere != nil {
		all = append(all, onePublish{name: "a look at another host", try: lookFor(func(d *stage) http.HandlerFunc {
			return func(rw http.ResponseWriter, r *http.Request) { d.answer(d.shape.Elsewhere(r, d.foreign.URL))(rw, r) }
		}, fault.Permanent, "foreign_host")})
	}
	return all
}

// publishedAfter is the case that reading back exists for: published, and answered as if not.
func publishedAfter(answer func(*stage) http.HandlerFunc) func(context.Context, *stage) []string {
	return func(ctx context.Context, d *stage) []string {
		b, out := d.ready(ctx)
		d.onWrite = answer(d)
		if _, err := d.Publish(ctx, b); fault.Of(err) != fault.Uncertain {
			return append(out, fmt.Sprintf("Publish: %v", err))
		}
		id, found, err := d.Published(ctx, b, Since())
		if err != nil || !found || id != d.shape.ID {
			out = append(out, fmt.Sprintf("Published gave %q, %t, %v; want %q", id, found, err, d.shape.ID))
		}
		return append(out, d.once()...)
	}
}

// notPublished: everything was seen, and ours is not there; nor is it when it was published long before, or says something else.
func notPublished(ctx context.Context, d *stage) []string {
	b, out := d.ready(ctx)
	before := d.looks()
	if id, found, err := d.Published(ctx, b, Since()); err != nil || found || id != "" {
		out = append(out, fmt.Sprintf("Published gave %q, %t, %v where nothing is", id, found, err))
	}
	if d.looks() == before {
		out = append(out, "it never looked")
	}
	if _, err := d.Publish(ctx, b); err != nil {
		return append(out, "Publish: "+err.Error())
	}
	other := b
	other.Prepared = post.Prepared{} // what was brought is for one post, and may prove by itself that it was published
	if id, found, _ := d.Published(ctx, other, SaidAt().AddDate(0, 0, 1)); found {
		out = append(out, fmt.Sprintf("Published takes %q, published a day before", id))
	}
	other.Text = "otra publicación"
	if id, found, _ := d.Published(ctx, other, Since()); found && other.Template == nil {
		out = append(out, fmt.Sprintf("Published takes %q, which says something else", id))
	}
	return append(out, d.once()...)
}

func lookForAnswered(a Answer, kind fault.Kind, reason string) func(context.Context, *stage) []string {
	return lookFor(func(d *stage) http.HandlerFunc { return d.answer(a) }, kind, reason)
}

// lookFor looks into something that answers so: a look that failed is never an absence, and says nothing.
func lookFor(answer func(*stage) http.HandlerFunc, kind fault.Kind, reason string) func(context.Context, *stage) []string {
	return func(ctx context.Context, d *stage) []string {
		b, out := d.ready(ctx)
		d.onRead = answer(d)
		_, found, err := d.Published(ctx, b, Since())
		if found || len(d.texts()) != 0 {
			out = append(out, "found, or said, in a look that failed")
		}
		return append(out, d.judged(d, err, kind, reason)...)
	}
}
