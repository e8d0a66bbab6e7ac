package x

import (
	"context"
	"strconv"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/once"
	texts "sence.gob.cl/gestor/shared/post"
)

// How long X tells of a post what only its author may know ("Post metrics": 30 days), and how its ids hold the time: in
// milliseconds from epoch on, above 22 bits of other things.
const (
	organicLife = 29 * 24 * time.Hour
	epoch       = 1_288_834_974_657
	idBits      = 22
)

// count is a number X counted; absent where it did not.
type count = *int64

// Figures reads what X counts of a post of ours. One post is read, which is paid for.
// (GET /2/tweets/{id})
func (r *Reader) Figures(ctx context.Context, a channel.Access, id string, now time.Time) (texts.Figures, channel.Usage, error) {
	const op = "x.Figures"
	switch {
	case !number(a.Account):
		return texts.Figures{}, channel.Usage{}, once.Refuse(op, once.ReasonInput, "account")
	case !number(id):
		return texts.Figures{}, channel.Usage{}, once.Refuse(op, once.ReasonInput, "id")
	}
	fields := "public_metrics"
	if fresh(id, now) {
		fields += "%2Corganic_metrics"
	}
	one, answer, use, err := r.one(ctx, op, a, "/2/tweets/"+id+"?tweet.fields="+fields)
	if err != nil {
		return texts.Figures{}, use, err
	}
	var p struct {
		ID     ident `json:"id"`
		Public *struct {
			Views  count `json:"impression_count"`
			Likes  count `json:"like_count"`
			Said   count `json:"reply_count"`
			Passed count `json:"retweet_count"`
			Quoted count `json:"quote_count"`
		} `json:"public_metrics"`
		Organic struct {
			Views  count `json:"impression_count"`
			Clicks count `json:"url_link_clicks"`
		} `json:"organic_metrics"`
	}
	if !readObject(one.Data, &p) || p.ID.s != id || p.Public == nil {
		return texts.Figures{}, use, answer.Fail(op, false, once.Refusal{})
	}
	f := texts.Figures{
		At: now.UTC(), Views: p.Public.Views, Reactions: p.Public.Likes, Comments: p.Public.Said,
		Shares: sum64(p.Public.Passed, p.Public.Quoted), Clicks: p.Organic.Clicks,
	}
	if f.Views == nil {
		f.Views = p.Organic.Views
	}
	return f, use, nil
}

// fresh reports a post of which X still tells what only its author may know.
func fresh(id string, now time.Time) bool {
	n, err := strconv.ParseInt(id, 10, 64)
	return err == nil && now.Sub(time.UnixMilli(n>>idBits+epoch)) < organicLife
}

// sum64 adds what is known; nothing known is nothing.
func sum64(all ...count) count {
	var total int64
	known := false
	for _, n := range all {
		if n != nil {
			total, known = total+*n, true
		}
	}
	if !known {
		return nil
	}
	return &total
}
