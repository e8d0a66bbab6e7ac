package meta

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	facebook "github.com/huandu/facebook/v2"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
)

// Files gives the address under which Meta's servers fetch a file of the library, for as long as life.
type Files interface {
	Link(ctx context.Context, key string, life time.Duration) (string, error)
}

// Publisher publishes posts of ours on Facebook or Instagram.
type Publisher struct {
	out   Outbound
	files Files
}

// NewPublisher makes the publisher of pages; its parameters are those of NewOutbound.
func NewPublisher(cfg Config, app func(context.Context) (AppSecret, error), access Access, files Files) Publisher {
	return Publisher{out: NewOutbound(cfg, app, access), files: files}
}

// NewInstagramPublisher makes the publisher of Instagram.
func NewInstagramPublisher(cfg Config, app func(context.Context) (AppSecret, error), access Access, files Files) Publisher {
	return Publisher{out: NewInstagramOutbound(cfg, app, access), files: files}
}

// Reason gives the short code of an error.
func (Publisher) Reason(err error) string { return Reason(err) }

// PostURL gives the public address of a post, "" on Instagram, whose addresses hold a word that no id tells.
func (p Publisher) PostURL(account, id string) string {
	page, tail, whole := strings.Cut(id, "_")
	switch {
	case p.out.network == mention.Instagram || id == "":
		return ""
	case whole:
		return "https://www.facebook.com/" + page + "/posts/" + tail
	}
	return "https://www.facebook.com/" + account + "/videos/" + id
}

// Publish makes the post seen with exactly one HTTP request, as Reply does: fault.Uncertain means that it may be seen, and
// Published tells. What was not prepared, or is no longer, is not said (ReasonNotReady).
//
// Words and pictures are one POST /{page}/feed. A video that was brought unpublished is shown by POST /{video-id} with published
// (the node's update in Meta's own business SDK, facebook_business/adobjects/advideo.py, api_update); pictures on Instagram by
// POST /{ig-user-id}/media_publish.
func (p Publisher) Publish(ctx context.Context, b post.Broadcast) (post.Receipt, error) {
	const op = "meta.Publish"
	node, edge, params, ready := p.last(b)
	if !ready {
		return post.Receipt{}, fault.New(fault.Transient, op, &Failure{Reason: ReasonNotReady})
	}
	c, token, err := p.out.client(ctx, b.Account)
	if err != nil {
		return post.Receipt{}, err
	}
	if err = usable(ctx, op, token, node); err == nil && !objectLike(b.Account) {
		err = &fault.Error{Kind: fault.Invalid, Op: op, Field: "account", Err: &Failure{Reason: ReasonInput}}
	}
	if err != nil {
		return post.Receipt{}, err
	}
	res, err := c.call(ctx, op, token, facebook.POST, node+edge, params)
	receipt := post.Receipt{Usage: c.meter.read()}
	if err != nil {
		return receipt, err
	}
	if receipt.ID = published(b, node, res); receipt.ID == "" {
		return receipt, fault.New(fault.Uncertain, op, &Failure{Reason: ReasonUnknown, Status: http.StatusOK})
	}
	return receipt, nil
}

// last is the request that makes a post seen; false when what it needs was not prepared.
func (p Publisher) last(b post.Broadcast) (node, edge string, params facebook.Params, ready bool) {
	if len(b.Media) > 0 && (!b.Prepared.Ready || b.Prepared.Has[hasOf] != digest(b)) {
		return "", "", nil, false
	}
	switch has := b.Prepared.Has; {
	case p.out.network == mention.Instagram:
		return b.Account, "/media_publish", facebook.Params{"creation_id": has[hasWhole]}, has[hasWhole] != ""
	case film(b):
		return has[hasWhole], "", facebook.Params{"published": "true"}, has[hasWhole] != ""
	case len(b.Media) > 0:
		hung, ready := attached(b)
		return b.Account, "/feed", facebook.Params{"message": b.Whole(mention.Facebook), "attached_media": hung}, ready
	}
	params = facebook.Params{"message": b.Text}
	if b.Link != "" {
		params["link"] = b.Link
	}
	return b.Account, "/feed", params, true
}

// attached names the pictures of a post as the feed takes them.
func attached(b post.Broadcast) (list string, ready bool) {
	ids := make([]map[string]string, len(b.Media))
	for i := range b.Media {
		id := b.Prepared.Has[nth(i)]
		if id == "" {
			return "", false
		}
		ids[i] = map[string]string{"media_fbid": id}
	}
	text, err := json.Marshal(ids)
	return string(text), err == nil
}

// published reads the id of what Graph says it published. Of a video it says no more than that it did: its post's id was told
// before, or else its own stands for it.
func published(b post.Broadcast, node string, res facebook.Result) string {
	if id := asText(res["id"]); objectLike(id) {
		return id
	}
	if done, _ := res["success"].(bool); !done || !film(b) || node != b.Prepared.Has[hasWhole] {
		return ""
	}
	if id := b.Prepared.Has[hasPost]; id != "" {
		return id
	}
	return node
}

// film reports a post that is a video.
func film(b post.Broadcast) bool { return len(b.Media) == 1 && b.Media[0].Kind == post.Video }

// Published looks for the post among those of its account made at or after since. A post without words cannot be told from
// others: a person looks. (GET /{page}/posts, GET /{ig-user-id}/media, newest first; GET /{ig-container-id})
func (p Publisher) Published(ctx context.Context, b post.Broadcast, since time.Time) (string, bool, error) {
	const op = "meta.Published"
	c, token, err := p.out.client(ctx, b.Account)
	if err != nil {
		return "", false, err
	}
	s, err := looking(ctx, op, token, b.Account, b.Account, "", since)
	if err != nil {
		return "", false, err
	}
	said := b.Whole(p.out.network)
	if strings.TrimSpace(said) == "" {
		return "", false, fault.New(fault.Permanent, op, &Failure{Reason: ReasonUnsupported})
	}
	s.ours = func(_, shown string) bool { return post.Alike(said, shown) }
	s.said, s.at, s.newestFirst = "message", "created_time", true
	edge := "/posts"
	if p.out.network == mention.Instagram {
		s.said, s.at, edge = "caption", "timestamp", "/media"
	}
	id, found, err := c.walk(ctx, op, token, b.Account+edge, s, facebook.Params{"fields": "id," + s.said + "," + s.at, "limit": pageSize})
	if err != nil || found || !objectLike(b.Prepared.Has[hasWhole]) {
		return id, found, err
	}
	// Lists may lag behind, and leave out reels: what was brought for this post and no other knows whether it was published.
	id, found, err = c.became(ctx, op, token, p.out.network, b)
	if fault.Is(err, fault.Permanent) {
		return "", false, nil // it is gone, and no list shows anything
	}
	return id, found, err
}

// became gives the post that a video or a container became. A container does not say which: that it became one is only something to
// look for again.
func (c *Client) became(ctx context.Context, op, token string, n mention.Network, b post.Broadcast) (string, bool, error) {
	id := b.Prepared.Has[hasWhole]
	if n == mention.Instagram {
		status, err := c.container(ctx, op, token, id)
		if err == nil && status == containerPublished {
			err = unseen(op)
		}
		return "", false, err
	}
	v, err := c.film(ctx, op, token, id)
	if err != nil || !bool(v.Published) {
		return "", false, err
	}
	if at := v.post(b.Account); at != "" {
		id = at
	}
	return id, true, nil
}

// ahead is what a failure means that nobody has seen anything of: an unknown outcome is only something to try again.
func ahead(err error) error {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Uncertain {
		return err
	}
	again := *f
	again.Kind = fault.Transient
	return &again
}
