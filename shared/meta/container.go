package meta

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"time"

	facebook "github.com/huandu/facebook/v2"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
)

// limitRests is how long to wait when an account has published all it may in 24 hours; each post gives its place free one day
// after it ("Content Publishing", rate limit).
const limitRests = time.Hour

// The states of a container that matter.
const (
	containerFinished  = "FINISHED"
	containerFailed    = "ERROR"
	containerExpired   = "EXPIRED"
	containerPublished = "PUBLISHED"
)

// instagram makes the container of a post, and asks until Instagram has worked on it.
func (g *bringing) instagram(ctx context.Context) (post.Prepared, error) {
	if g.has[hasWhole] == "" {
		if done, err := g.contain(ctx); err != nil || !done {
			return post.Prepared{Wait: askSoon}, err
		}
	}
	wait := askPicture
	if film(g.b) {
		wait = askVideo
	}
	if g.full(ctx) {
		return post.Prepared{Wait: wait}, nil
	}
	status, err := g.container(ctx, g.op, g.token, g.has[hasWhole])
	if err != nil {
		return post.Prepared{}, err
	}
	switch status {
	case containerFinished:
		return post.Prepared{Ready: true, Until: g.until()}, nil
	case containerFailed:
		return post.Prepared{}, g.spoiled()
	case containerExpired, containerPublished: // each container is good for one post
		g.anew()
		return post.Prepared{Wait: askSoon}, nil
	}
	return post.Prepared{Wait: wait}, nil
}

// contain makes the container; done is false when not all of it fit.
func (g *bringing) contain(ctx context.Context) (done bool, err error) {
	if err := g.room(ctx); err != nil {
		return false, err
	}
	params := facebook.Params{"caption": g.b.Whole(mention.Instagram)}
	switch {
	case len(g.b.Media) > 1:
		done, err := g.each(ctx, "/media", func(m post.Attached, url string) facebook.Params {
			p := onInstagram(m, url)
			p["is_carousel_item"] = "true"
			return p
		})
		if err != nil || !done || g.full(ctx) {
			return false, err
		}
		children := make([]string, len(g.b.Media))
		for i := range children {
			children[i] = g.has[nth(i)]
		}
		params["media_type"], params["children"] = "CAROUSEL", strings.Join(children, ",")
	default:
		url, err := g.link(ctx, g.b.Media[0])
		if err != nil {
			return false, err
		}
		maps.Copy(params, onInstagram(g.b.Media[0], url))
		if film(g.b) {
			params["media_type"] = "REELS" // every video is one ("Content Publishing")
		}
	}
	id, err := g.create(ctx, "/media", params)
	if err != nil {
		return false, err
	}
	g.has[hasWhole] = id
	return true, nil
}

// onInstagram names a file as Instagram takes it. Only pictures have an alternative text ("Content Publishing": not reels).
func onInstagram(m post.Attached, url string) facebook.Params {
	if m.Kind == post.Video {
		return facebook.Params{"media_type": "VIDEO", "video_url": url}
	}
	return facebook.Params{"image_url": url, "alt_text": m.Alt}
}

// room asks how much the account may still publish: Meta's own pages name 25, 50 and 100 a day.
func (g *bringing) room(ctx context.Context) error {
	g.made++
	got, err := g.look(ctx, g.op, g.token, g.b.Account+"/content_publishing_limit", facebook.Params{"fields": "quota_usage,config"})
	if err != nil {
		return err
	}
	var page struct {
		Data []struct {
			Used   json.Number `json:"quota_usage"`
			Config struct {
				Total json.Number `json:"quota_total"`
			} `json:"config"`
		} `json:"data"`
	}
	if !readObject(got.body, &page) || len(page.Data) == 0 {
		return nil // who does not say a limit will say when it is reached
	}
	used, total := count(page.Data[0].Used), count(page.Data[0].Config.Total)
	if used == nil || total == nil || *total <= 0 || *used < *total {
		return nil
	}
	full := fault.New(fault.Transient, g.op, &Failure{Reason: ReasonLimit, Status: http.StatusOK})
	full.RetryAfter = limitRests
	return full
}

// container asks how far Instagram is with a container.
func (c *Client) container(ctx context.Context, op, token, id string) (string, error) {
	got, err := c.look(ctx, op, token, id, facebook.Params{"fields": "status_code"})
	if err != nil {
		return "", err
	}
	var v struct {
		Status words `json:"status_code"`
	}
	if !readObject(got.body, &v) || v.Status == "" {
		return "", unseen(op)
	}
	return string(v.Status), nil
}
