package linkedin

import (
	"context"
	"net/url"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/post"
)

// count is a number LinkedIn counted; absent where it did not.
type count = *int64

// Figures reads what LinkedIn counts of a post of ours: of views and clicks it tells administrators alone, and only what is a
// year old or less; of likes and comments everybody who may read the post.
// (GET /rest/organizationalEntityShareStatistics, GET /rest/socialActions/{urn})
func (r *Reader) Figures(ctx context.Context, a channel.Access, id string, now time.Time) (post.Figures, channel.Usage, error) {
	const op = "linkedin.Figures"
	us, urn := organizationOf(a.Account), parsePost(id)
	switch {
	case us == "":
		return post.Figures{}, channel.Usage{}, once.Refuse(op, once.ReasonInput, "account")
	case urn == "":
		return post.Figures{}, channel.Usage{}, once.Refuse(op, once.ReasonInput, "id")
	}
	list := "shares"
	if strings.HasPrefix(urn, "urn:li:ugcPost:") {
		list = "ugcPosts"
	}
	// The brackets of a list are part of the language of these addresses and stay as they are.
	answer, use, err := r.look(ctx, op, a, "/rest/organizationalEntityShareStatistics?q=organizationalEntity&organizationalEntity="+
		url.QueryEscape(us)+"&"+list+"=List("+url.QueryEscape(urn)+")")
	if once.Reason(err) == once.ReasonPermission {
		return r.social(ctx, op, a, urn, now)
	}
	if err != nil {
		return post.Figures{}, use, err
	}
	var page listing
	_ = answer.Object(&page) // what is no object has no list
	items, cut, ok := elements(page.Elements, maxItems)
	if !ok || cut {
		return post.Figures{}, use, answer.Fail(op, false, once.Refusal{})
	}
	for _, raw := range items {
		var it struct {
			Total *struct {
				Views    count `json:"impressionCount"`
				Clicks   count `json:"clickCount"`
				Likes    count `json:"likeCount"`
				Comments count `json:"commentCount"`
				Shares   count `json:"shareCount"`
			} `json:"totalShareStatistics"`
		}
		if readObject(raw, &it) && it.Total != nil {
			t := it.Total
			return post.Figures{At: now.UTC(), Views: t.Views, Reactions: t.Likes, Comments: t.Comments, Shares: t.Shares, Clicks: t.Clicks}, use, nil
		}
	}
	return r.social(ctx, op, a, urn, now) // nobody has seen it yet, or it is too old
}

// social reads what everybody may know of a post.
func (r *Reader) social(ctx context.Context, op string, a channel.Access, urn string, now time.Time) (post.Figures, channel.Usage, error) {
	answer, use, err := r.look(ctx, op, a, "/rest/socialActions/"+url.QueryEscape(urn))
	if err != nil {
		return post.Figures{}, use, err
	}
	var it struct {
		Likes *struct {
			Total count `json:"totalLikes"`
		} `json:"likesSummary"`
		Comments *struct {
			Total count `json:"aggregatedTotalComments"`
		} `json:"commentsSummary"`
	}
	if !answer.Object(&it) || it.Likes == nil && it.Comments == nil {
		return post.Figures{}, use, answer.Fail(op, false, once.Refusal{})
	}
	f := post.Figures{At: now.UTC()}
	if it.Likes != nil {
		f.Reactions = it.Likes.Total
	}
	if it.Comments != nil {
		f.Comments = it.Comments.Total
	}
	return f, use, nil
}
