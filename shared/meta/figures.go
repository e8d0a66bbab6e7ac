package meta

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	facebook "github.com/huandu/facebook/v2"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
)

// Figures reads what the network counts of a post of ours. Views and clicks are insights, which need a right of their own and
// exist for some pages and media only: without them the others stand. A post that was taken away is ReasonGone.
//
// (GET /{page-post-id} with summaries, GET /{page-post-id}/insights; GET /{ig-media-id}, GET /{ig-media-id}/insights)
func (r Reader) Figures(ctx context.Context, a channel.Access, id string, now time.Time) (post.Figures, channel.Usage, error) {
	const op = "meta.Figures"
	c, err := r.client(ctx)
	if err == nil {
		err = usable(ctx, op, a.Token, id)
	}
	if err != nil {
		return post.Figures{}, channel.Usage{}, err
	}
	out, err := r.counts(ctx, op, c, a.Token, id)
	if err == nil {
		err = r.insights(ctx, op, c, a.Token, id, &out)
	}
	if err != nil {
		return post.Figures{}, c.meter.read(), err
	}
	out.At = now.UTC()
	return out, c.meter.read(), nil
}

// summed is a list of which only the number is asked for.
type summed struct {
	Summary struct {
		Total json.Number `json:"total_count"`
	} `json:"summary"`
}

// counts reads what everybody can count.
func (r Reader) counts(ctx context.Context, op string, c *Client, token, id string) (post.Figures, error) {
	fields := "reactions.limit(0).summary(total_count),comments.limit(0).filter(stream).summary(total_count)"
	switch {
	case r.network == mention.Instagram:
		fields = "like_count,comments_count"
	case strings.Contains(id, "_"): // a video by its own id has no shares
		fields += ",shares"
	}
	got, err := c.look(ctx, op, token, id, facebook.Params{"fields": fields})
	if err != nil {
		return post.Figures{}, err
	}
	var v struct {
		ID        ident       `json:"id"`
		Reactions summed      `json:"reactions"`
		Comments  summed      `json:"comments"`
		Likes     json.Number `json:"like_count"`
		Commented json.Number `json:"comments_count"`
		Shares    struct {
			Count json.Number `json:"count"`
		} `json:"shares"`
	}
	if !readObject(got.body, &v) || v.ID.s == "" {
		return post.Figures{}, unseen(op)
	}
	if r.network == mention.Instagram {
		return post.Figures{Reactions: count(v.Likes), Comments: count(v.Commented)}, nil
	}
	return post.Figures{Reactions: count(v.Reactions.Summary.Total), Comments: count(v.Comments.Summary.Total), Shares: count(v.Shares.Count)}, nil
}

// count reads a number that cannot be less than none; nil when there is no such number.
func count(n json.Number) *int64 {
	if v, err := n.Int64(); err == nil && v >= 0 {
		return &v
	}
	return nil
}

// insights adds what only the account can see. Names of metrics come and go ("Deprecated Facebook Page Insights Metrics"): what
// a network does not know, or not tell us, stays absent.
func (r Reader) insights(ctx context.Context, op string, c *Client, token, id string, out *post.Figures) error {
	metrics := "post_media_view,post_clicks"
	if r.network == mention.Instagram {
		metrics = "views,shares"
	}
	got, err := c.look(ctx, op, token, id+"/insights", facebook.Params{"metric": metrics})
	switch {
	case fault.Is(err, fault.Permanent), Reason(err) == ReasonPermission:
		return nil
	case err != nil:
		return err
	}
	var page struct {
		Data []struct {
			Name   string `json:"name"`
			Values []struct {
				Value json.Number `json:"value"`
			} `json:"values"`
		} `json:"data"`
	}
	if !readObject(got.body, &page) {
		return nil // a value that is no number says nothing
	}
	for _, m := range page.Data {
		if len(m.Values) == 0 {
			continue
		}
		n := count(m.Values[len(m.Values)-1].Value)
		switch m.Name {
		case "post_media_view", "views":
			out.Views = n
		case "post_clicks":
			out.Clicks = n
		case "shares":
			out.Shares = n
		}
	}
	return nil
}
