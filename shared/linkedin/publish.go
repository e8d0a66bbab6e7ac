package linkedin

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/post"
)

// Files gives the bytes of the library's files, by their ids.
type Files interface {
	Range(ctx context.Context, key string, from, size int64) ([]byte, error)
}

// Publisher puts posts of our organizations on LinkedIn. It is safe for concurrent use and keeps no key.
type Publisher struct {
	out   *Outbound
	files Files
}

// NewPublisher makes it; access is as for NewOutbound, and without files only words can be published. The error is fault.Invalid and names the wrong field.
func NewPublisher(c Config, access func(ctx context.Context, account string) (channel.Access, error), files Files) (*Publisher, error) {
	out, err := NewOutbound(c, access)
	if err != nil {
		return nil, err
	}
	return &Publisher{out: out, files: files}, nil
}

// Reason gives the reason code of an error of this network, "" for any other.
func (*Publisher) Reason(err error) string { return once.Reason(err) }

// PostURL gives the address at which everybody sees a post.
func (*Publisher) PostURL(_, id string) string {
	urn := parsePost(id)
	if urn == "" {
		return ""
	}
	return "https://www.linkedin.com/feed/update/" + urn + "/"
}

// The most that a post may hold ("MultiImage API"): pictures, and characters that say what one shows.
const (
	mostFiles = 20
	mostAlt   = 4086
)

type (
	publication struct {
		Author     string       `json:"author"`
		Commentary string       `json:"commentary"`
		Visibility string       `json:"visibility"`
		Goes       distribution `json:"distribution"`
		Content    *content     `json:"content,omitempty"`
		State      string       `json:"lifecycleState"`
		NoReshare  bool         `json:"isReshareDisabledByAuthor"`
	}
	distribution struct {
		Feed     string   `json:"feedDistribution"`
		Targets  []string `json:"targetEntities"`
		Channels []string `json:"thirdPartyDistributionChannels"`
	}
	content struct {
		Media   *medium    `json:"media,omitempty"`
		Several *manyMedia `json:"multiImage,omitempty"`
		Article *article   `json:"article,omitempty"`
	}
	medium struct {
		ID  string `json:"id"`
		Alt string `json:"altText,omitempty"`
	}
	manyMedia struct {
		Images []medium `json:"images"`
	}
	article struct {
		Source string `json:"source"`
		Title  string `json:"title"`
	}
)

// sayable refuses a post that cannot be published, and so cannot be found.
func sayable(op string, b post.Broadcast) error {
	text := b.Whole(mention.LinkedIn)
	rule, _ := post.PublicationRuleOf(mention.LinkedIn)
	switch {
	case organizationOf(b.Account) == "":
		return once.Refuse(op, once.ReasonInput, "account")
	case b.Template != nil:
		return once.Refuse(op, once.ReasonUnsupported, "template")
	case !utf8.ValidString(text), rule.Unit.Count(text) > rule.Max, post.NormaliseForCompare(text) == "" && len(b.Media) == 0:
		return once.Refuse(op, once.ReasonContent, "text")
	}
	return attachable(op, b.Media)
}

// Publish makes the post seen, with one request and never a second, and gives its URN. fault.Uncertain means that it may stand
// there, and Published tells; fault.Duplicate that LinkedIn says so, and Stands what it names; other kinds are proven not to
// have said it. (POST /rest/posts)
func (p *Publisher) Publish(ctx context.Context, b post.Broadcast) (post.Receipt, error) {
	const op = "linkedin.Publish"
	if err := sayable(op, b); err != nil {
		return post.Receipt{}, err
	}
	hung, ready := attached(b)
	if !ready {
		return post.Receipt{}, once.Refuse(op, once.ReasonInput, "prepared")
	}
	answer, err := p.out.call(ctx, op, b.Account, once.Call{Path: "/rest/posts", Body: publication{
		Author: organizationOf(b.Account), Commentary: escape(b.Whole(mention.LinkedIn)), Visibility: "PUBLIC", State: "PUBLISHED", Content: hung,
		Goes: distribution{Feed: "MAIN_FEED", Targets: []string{}, Channels: []string{}},
	}})
	if err != nil {
		return post.Receipt{}, err
	}
	if err := answer.Verdict(op, true, refused); err != nil {
		return post.Receipt{Usage: usage(answer, err), Stands: once.Stands(err)}, once.Standing(op, err)
	}
	id, err := url.PathUnescape(answer.Header.Get("X-Restli-Id"))
	if err != nil || parsePost(id) == "" || !said(answer) {
		return post.Receipt{}, answer.Fail(op, true, once.Refusal{}) // a success all the same, of which nobody knows what it made
	}
	return post.Receipt{ID: parsePost(id)}, nil
}

// attached is what hangs on a post, and whether all of it is ready.
func attached(b post.Broadcast) (hung *content, ready bool) {
	var all []medium
	for _, f := range b.Media {
		urn := b.Prepared.Has[f.ID+hasURN]
		if !b.Prepared.Ready || b.Prepared.Has[f.ID+hasStep] != stepDone || !strings.HasPrefix(urn, "urn:li:") {
			return nil, false
		}
		all = append(all, medium{ID: urn, Alt: shortened(f.Alt)})
	}
	switch {
	case len(all) == 1:
		return &content{Media: &all[0]}, true
	case len(all) > 1:
		return &content{Several: &manyMedia{all}}, true
	case b.Link != "":
		return &content{Article: &article{Source: b.Link, Title: titleOf(b.Link)}}, true
	}
	return nil, true
}

// titleOf is what the card of a link is called: LinkedIn asks for a title and does not look for one.
func titleOf(link string) string {
	at, err := url.Parse(link)
	if err != nil || at.Hostname() == "" {
		return link
	}
	return strings.TrimPrefix(at.Hostname(), "www.")
}

func shortened(alt string) string {
	if utf8.RuneCountInString(alt) <= mostAlt {
		return alt
	}
	return string([]rune(alt)[:mostAlt-1]) + "…"
}

// posted is a post as LinkedIn gives it back.
type posted struct {
	ID        ident `json:"id"`
	Author    ident `json:"author"`
	Little    words `json:"commentary"`
	Created   stamp `json:"createdAt"`
	Published stamp `json:"publishedAt"`
}

// at is when it was published, as far as LinkedIn says.
func (p posted) at() time.Time {
	if p.Published.IsZero() {
		return p.Created.Time
	}
	return p.Published.Time
}

// is reports that this is the post we published, at or after since.
func (p posted) is(b post.Broadcast, since time.Time) bool {
	return normalise(p.Author) == organizationOf(b.Account) && !p.at().Before(since) && post.Alike(b.Whole(mention.LinkedIn), plain(string(p.Little)))
}

// Published looks for the post among those of our organization made at or after since, first at the one that LinkedIn named
// (Stands). It only looks. found is false without an error when everything since then was seen and none is it.
// (GET /rest/posts/{urn}, GET /rest/posts?q=author, newest first)
func (p *Publisher) Published(ctx context.Context, b post.Broadcast, since time.Time) (id string, found bool, err error) {
	const op = "linkedin.Published"
	if err := sayable(op, b); err != nil {
		return "", false, err
	}
	if since.IsZero() {
		return "", false, once.Refuse(op, once.ReasonInput, "since")
	}
	since = since.Add(-clockSkew)
	if urn := parsePost(b.Stands); urn != "" {
		found, err := p.stands(ctx, op, b, urn, since)
		if err != nil || found {
			return urn, found, err
		}
	}
	for start := 0; start < maxPages*pageSize; start += pageSize {
		urn, more, err := p.page(ctx, op, b, start, since)
		if err != nil || urn != "" || !more {
			return urn, urn != "", err
		}
	}
	return "", false, once.Answer{}.Fail(op, false, once.Refusal{Reason: once.ReasonTooMany})
}

// stands reports that the post which LinkedIn named is the one we published. LinkedIn names some that are no more.
func (p *Publisher) stands(ctx context.Context, op string, b post.Broadcast, urn string, since time.Time) (bool, error) {
	var it posted
	there, err := p.out.read(ctx, op, b.Account, "/rest/posts/"+url.QueryEscape(urn), &it, func() bool { return it.Author.s != "" })
	return there && it.is(b, since), err
}

// page looks through one page of our posts: the URN of the one we published, or whether others follow that are not too old.
func (p *Publisher) page(ctx context.Context, op string, b post.Broadcast, start int, since time.Time) (urn string, more bool, err error) {
	answer, err := p.out.call(ctx, op, b.Account, once.Call{
		Path: "/rest/posts?q=author&author=" + url.QueryEscape(organizationOf(b.Account)) + "&sortBy=CREATED&start=" + strconv.Itoa(start) +
			"&count=" + strconv.Itoa(pageSize),
		Header: http.Header{"X-Restli-Method": {"FINDER"}},
	})
	if err != nil {
		return "", false, err
	}
	if err := answer.Verdict(op, false, refused); err != nil {
		return "", false, err
	}
	var list listing
	_ = answer.Object(&list) // what is no object has no list
	items, cut, ok := elements(list.Elements, maxItems)
	if !ok || cut {
		return "", false, answer.Fail(op, false, once.Refusal{})
	}
	older := 0
	for _, raw := range items {
		var it posted
		switch {
		case !readObject(raw, &it):
		case it.is(b, since) && parsePost(it.ID.s) != "":
			return parsePost(it.ID.s), false, nil
		case !it.at().IsZero() && it.at().Before(since):
			older++
		}
	}
	past := len(items) > 0 && older == len(items)
	return "", !past && list.more(start, len(items)), nil
}
