package meta

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	facebook "github.com/huandu/facebook/v2"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
)

// What Prepared.Has holds: of which content it is, since when (Unix seconds), the id of the whole (a video, a container), that of
// a video's post, and those of the pictures by their place (nth).
const (
	hasOf    = "of"
	hasSince = "since"
	hasWhole = "whole"
	hasPost  = "post"
)

func nth(i int) string { return "m" + strconv.Itoa(i) }

// How long what was brought is used. Containers of Instagram live for 24 hours ("IG Container", status_code EXPIRED). Of
// pictures that are not published yet nobody says how long they stay: they are used no longer.
const (
	broughtLives = 23 * time.Hour
	linkLives    = 2 * time.Hour
)

// How soon to ask again: for what did not fit, for pictures, and for videos, of which Instagram wants to be asked once a minute
// ("Content Publishing", troubleshooting).
const (
	askSoon    = time.Second
	askPicture = 5 * time.Second
	askVideo   = time.Minute
)

// Prepare brings the media of a post to the network, where nobody sees them yet. Pictures of a page are uploaded unpublished, each
// with its alternative text, and a video with its words; on Instagram a container is made, and for several pictures one of each
// before. It may be repeated; with an error, Has tells how far it came.
//
// (POST /{page}/photos with alt_text_custom, POST /{page}/videos with file_url, GET /{video-id}, GET
// /{ig-user-id}/content_publishing_limit, POST /{ig-user-id}/media with alt_text, GET /{ig-container-id})
func (p Publisher) Prepare(ctx context.Context, b post.Broadcast, now time.Time) (post.Prepared, error) {
	const op = "meta.Prepare"
	switch {
	case len(b.Media) == 0 && p.out.network == mention.Instagram, p.files == nil && len(b.Media) > 0:
		return post.Prepared{}, &fault.Error{Kind: fault.Invalid, Op: op, Field: "media", Err: &Failure{Reason: ReasonInput}}
	case len(b.Media) == 0:
		return post.Prepared{Ready: true}, nil
	}
	c, token, err := p.out.client(ctx, b.Account)
	if err == nil {
		err = usable(ctx, op, token, b.Account)
	}
	if err != nil {
		return post.Prepared{}, err
	}
	g := &bringing{Client: c, op: op, token: token, files: p.files, b: b, now: now}
	g.begin(p.out.network == mention.Facebook && film(b))
	var out post.Prepared
	switch {
	case p.out.network == mention.Instagram:
		out, err = g.instagram(ctx)
	case film(b):
		out, err = g.video(ctx)
	default:
		out, err = g.pictures(ctx)
	}
	out.Has, out.Usage = g.has, c.meter.read()
	return out, ahead(err)
}

// bringing is one call of Prepare.
type bringing struct {
	*Client
	op, token string
	files     Files
	b         post.Broadcast
	now       time.Time
	has       map[string]string
	made      int // requests
}

// digest tells one content from another.
func digest(b post.Broadcast) string {
	parts := []string{b.Account, b.Text, b.Link}
	for _, m := range b.Media {
		parts = append(parts, m.ID, m.Alt, m.Kind)
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// begin goes on with what was brought of the same content, and begins anew with any other or when it is too old.
func (g *bringing) begin(stays bool) {
	had := g.b.Prepared.Has
	since, err := strconv.ParseInt(had[hasSince], 10, 64)
	if err == nil && had[hasOf] == digest(g.b) && (stays || g.now.Before(time.Unix(since, 0).Add(broughtLives))) {
		g.has = maps.Clone(had)
		return
	}
	g.anew()
}

func (g *bringing) anew() {
	g.has = map[string]string{hasOf: digest(g.b), hasSince: strconv.FormatInt(g.now.Unix(), 10)}
}

// until is when what was brought is no longer used.
func (g *bringing) until() time.Time {
	since, _ := strconv.ParseInt(g.has[hasSince], 10, 64) // begin or anew wrote it
	return time.Unix(since, 0).UTC().Add(broughtLives)
}

// full reports that another request may not fit into the caller's time.
func (g *bringing) full(ctx context.Context) bool {
	deadline, there := ctx.Deadline()
	return there && g.made > 0 && time.Until(deadline) < g.timeout
}

// create makes something at an edge of the account and gives its id.
func (g *bringing) create(ctx context.Context, edge string, params facebook.Params) (string, error) {
	g.made++
	res, err := g.call(ctx, g.op, g.token, facebook.POST, g.b.Account+edge, params)
	if err != nil {
		return "", err
	}
	if id := asText(res["id"]); objectLike(id) {
		return id, nil
	}
	return "", unseen(g.op)
}

// link gives the address of a file.
func (g *bringing) link(ctx context.Context, m post.Attached) (string, error) {
	url, err := g.files.Link(ctx, m.ID, linkLives)
	if err != nil {
		return "", unread(g.op, err)
	}
	return url, nil
}

// each brings every file that is not there yet; done is false when not all fit.
func (g *bringing) each(ctx context.Context, edge string, params func(m post.Attached, url string) facebook.Params) (done bool, err error) {
	for i, m := range g.b.Media {
		switch {
		case g.has[nth(i)] != "":
			continue
		case g.full(ctx):
			return false, nil
		}
		url, err := g.link(ctx, m)
		if err != nil {
			return false, err
		}
		id, err := g.create(ctx, edge, params(m, url))
		if err != nil {
			return false, err
		}
		g.has[nth(i)] = id
	}
	return true, nil
}

// pictures brings those of a page.
func (g *bringing) pictures(ctx context.Context) (post.Prepared, error) {
	done, err := g.each(ctx, "/photos", func(m post.Attached, url string) facebook.Params {
		return facebook.Params{"url": url, "published": "false", "alt_text_custom": m.Alt}
	})
	if err != nil || !done {
		return post.Prepared{Wait: askSoon}, err
	}
	return post.Prepared{Ready: true, Until: g.until()}, nil
}

// video brings the one of a page with its words, and asks until Facebook has worked on it.
func (g *bringing) video(ctx context.Context) (post.Prepared, error) {
	if g.has[hasWhole] == "" {
		url, err := g.link(ctx, g.b.Media[0])
		if err != nil {
			return post.Prepared{}, err
		}
		id, err := g.create(ctx, "/videos", facebook.Params{"file_url": url, "published": "false", "description": g.b.Whole(mention.Facebook)})
		if err != nil {
			return post.Prepared{}, err
		}
		g.has[hasWhole] = id
	}
	if g.full(ctx) {
		return post.Prepared{Wait: askVideo}, nil
	}
	v, err := g.film(ctx, g.op, g.token, g.has[hasWhole])
	if err != nil {
		return post.Prepared{}, err
	}
	if v.Published { // each is good for one post
		g.anew()
		return post.Prepared{Wait: askSoon}, nil
	}
	switch v.Status.Video {
	case "ready":
		if at := v.post(g.b.Account); at != "" {
			g.has[hasPost] = at
		}
		return post.Prepared{Ready: true}, nil
	case "error", "expired", "upload_failed":
		return post.Prepared{}, g.spoiled()
	}
	return post.Prepared{Wait: askVideo}, nil
}

// footage is a video as Graph shows it.
type footage struct {
	Published yes   `json:"published"`
	Post      ident `json:"post_id"`
	Status    struct {
		Video words `json:"video_status"`
	} `json:"status"`
}

// post gives the id of the video's post on a page, "" when Graph does not tell.
func (f footage) post(page string) string {
	if !objectLike(f.Post.s) {
		return ""
	}
	return page + "_" + strings.TrimPrefix(f.Post.s, page+"_")
}

// film asks how far Facebook is with a video, and whether it is seen.
func (c *Client) film(ctx context.Context, op, token, id string) (footage, error) {
	got, err := c.look(ctx, op, token, id, facebook.Params{"fields": "status,published,post_id"})
	if err != nil {
		return footage{}, err
	}
	var v footage
	if !readObject(got.body, &v) || v.Status.Video == "" {
		return footage{}, unseen(op)
	}
	return v, nil
}

// spoiled is what the network could not make anything of; the next time it is brought anew.
func (g *bringing) spoiled() error {
	g.anew()
	return fault.New(fault.Permanent, g.op, &Failure{Reason: ReasonContent, Status: http.StatusOK})
}
