package linkedin

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
)

// Reader reads LinkedIn in the name of our organizations. It is safe for concurrent use and keeps no key, no text and no name.
type Reader struct{ api }

// NewReader makes it. The error is fault.Invalid and names the wrong field.
func NewReader(c Config) (*Reader, error) {
	calls, err := newAPI("linkedin.NewReader", c)
	if err != nil {
		return nil, err
	}
	return &Reader{api: calls}, nil
}

// Item reads what a notification left out: the text and the author of a comment or a post, and the author's name, which
// LinkedIn tells nowhere else. Who may not be named stays a URN. What is gone is fault.Permanent with reason gone.
// (GET /rest/socialActions/{urn}/comments/{id}, GET /rest/posts/{urn}, GET /rest/people/(id:{id}), GET /rest/organizations/{id})
func (r *Reader) Item(ctx context.Context, a channel.Access, e mention.Event) (mention.Event, channel.Usage, error) {
	const op = "linkedin.Item"
	us := organizationOf(a.Account)
	if us == "" {
		return mention.Event{}, channel.Usage{}, once.Refuse(op, once.ReasonInput, "account")
	}
	if e.Text == "" || e.Author == nil {
		use, err := r.fill(ctx, op, a, &e)
		if err != nil {
			return mention.Event{}, use, err
		}
	}
	if e.Author != nil && e.Author.Name == "" {
		name, use, err := r.name(ctx, op, a, e.Author.ID)
		if err != nil {
			return mention.Event{}, use, err
		}
		e.Author = &mention.Author{ID: e.Author.ID, Name: name, Aliases: e.Author.Aliases}
	}
	e.Outcome, e.Reason = mention.Interaction, ""
	if e.Author != nil && organizationOf(e.Author.ID) == us {
		e.Outcome = mention.Own
	}
	return e, channel.Usage{}, nil
}

// stated is a comment or a post as it is read by its id.
type stated struct {
	Actor   ident `json:"actor"`  // of a comment
	Author  ident `json:"author"` // of a post
	Message prose `json:"message"`
	Little  words `json:"commentary"`
	Parent  ident `json:"parentComment"`
	Created struct {
		Time stamp `json:"time"`
	} `json:"created"`
	CreatedAt stamp           `json:"createdAt"`
	Content   json.RawMessage `json:"content"`
}

// fill reads the item and adds what the event lacks.
func (r *Reader) fill(ctx context.Context, op string, a channel.Access, e *mention.Event) (channel.Usage, error) {
	comment, isComment := parseComment(e.Key)
	post := parsePost(e.Key)
	path := "/rest/posts/" + url.QueryEscape(post)
	switch {
	case isComment:
		path = comment.path()
	case post == "":
		return channel.Usage{}, once.Refuse(op, once.ReasonInput, "key")
	}
	answer, use, err := r.look(ctx, op, a, path)
	if err != nil {
		return use, err
	}
	var s stated
	_ = answer.Object(&s) // what is no object says nothing
	text, long := s.text(isComment)
	hung := s.media()
	if text == "" && len(hung) == 0 {
		return use, answer.Fail(op, false, once.Refusal{})
	}
	if e.Text == "" {
		if e.Text = text; long && !e.Flag(mention.FlagTruncated) {
			e.Flags = append(e.Flags[:len(e.Flags):len(e.Flags)], mention.FlagTruncated)
		}
	}
	if e.Attachments == nil {
		e.Attachments = hung
	}
	s.place(e)
	return use, nil
}

// place adds who wrote it, when, and under what, where the event does not know.
func (s stated) place(e *mention.Event) {
	if who := either(s.Actor, s.Author); e.Author == nil && who.s != "" {
		e.Author = &mention.Author{ID: normalise(who)}
	}
	if parent, nested := parseComment(s.Parent.s); nested && e.Parent == "" {
		e.Parent = parent.String()
	}
	if e.At.IsZero() {
		e.At = s.Created.Time.Time
		if e.At.IsZero() {
			e.At = s.CreatedAt.Time
		}
	}
}

// text gives the words, and whether they were cut.
func (s stated) text(isComment bool) (string, bool) {
	words := s.Message
	if !isComment {
		words = prose(strings.ReplaceAll(plain(string(s.Little)), "\x00", "\ufffd"))
	}
	return words.capped()
}

// media gives what hangs on it: a comment has a list with addresses, a post has one name.
func (s stated) media() []mention.Attachment {
	var of struct {
		Media struct {
			ID ident `json:"id"`
		} `json:"media"`
	}
	if readObject(s.Content, &of) {
		if strings.HasPrefix(of.Media.ID.s, imageURN) {
			return []mention.Attachment{{Type: "image", ID: of.Media.ID.s}}
		}
		return nil
	}
	var out []mention.Attachment
	items, _, _ := elements(s.Content, maxMedia)
	for _, raw := range items {
		var m struct {
			Type words `json:"type"`
			URL  words `json:"url"`
		}
		if readObject(raw, &m) && m.Type == "IMAGE" {
			if _, ok := ourMedia(string(m.URL)); ok {
				out = append(out, mention.Attachment{Type: "image", URL: string(m.URL)})
			}
		}
	}
	return out
}

// maxMedia bounds what hangs on one comment; LinkedIn allows one.
const maxMedia = 20

// name reads what somebody is called. Members who hide themselves from us, and those who left, have no name here; it is not
// kept anywhere longer than a day, which LinkedIn asks for.
func (r *Reader) name(ctx context.Context, op string, a channel.Access, urn string) (string, channel.Usage, error) {
	kind, id, _ := strings.Cut(strings.TrimPrefix(urn, "urn:li:"), ":")
	path := ""
	switch {
	case kind == "person" && memberID(id):
		path = "/rest/people/(id:" + id + ")"
	case kind == "organization" && digits(id):
		path = "/rest/organizations/" + id
	default:
		return "", channel.Usage{}, nil
	}
	answer, use, err := r.look(ctx, op, a, path)
	switch once.Reason(err) {
	case once.ReasonGone, once.ReasonPermission, once.ReasonContent:
		return "", use, nil
	}
	if err != nil {
		return "", use, err
	}
	var who struct {
		ID    ident `json:"id"`
		First prose `json:"localizedFirstName"`
		Last  prose `json:"localizedLastName"`
		Name  prose `json:"localizedName"`
	}
	if !answer.Object(&who) || who.ID.s == "" {
		return "", use, answer.Fail(op, false, once.Refusal{})
	}
	name, _ := prose(strings.TrimSpace(string(who.First + " " + who.Last + " " + who.Name))).capped()
	return name, use, nil
}

// memberID reports the id of a member, which may stand in an address and cannot leave it.
func memberID(id string) bool {
	return id != "" && len(id) <= maxIDBytes && !strings.ContainsFunc(id, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
	})
}

// Probe says whether the key still opens anything. It asks where keys are given and not the API, whose calls of a day are few
// while an application is in development; without our application's own keys it asks for the organization.
// (POST /oauth/v2/introspectToken, or GET /rest/organizations/{id})
func (r *Reader) Probe(ctx context.Context, a channel.Access) (channel.Usage, error) {
	const op = "linkedin.Probe"
	app, err := r.keys(ctx)
	if err != nil {
		return channel.Usage{}, once.NoToken(op, err)
	}
	if app.ClientID == "" {
		_, use, err := r.organization(ctx, op, a, organizationOf(a.Account))
		return use, err
	}
	return channel.Usage{}, r.introspect(ctx, op, app, a, &channel.Health{})
}

// organization reads what one of our organizations is called.
func (c api) organization(ctx context.Context, op string, a channel.Access, urn string) (string, channel.Usage, error) {
	if urn == "" {
		return "", channel.Usage{}, once.Refuse(op, once.ReasonInput, "account")
	}
	answer, use, err := c.look(ctx, op, a, "/rest/organizations/"+strings.TrimPrefix(urn, organization))
	if err != nil {
		return "", use, err
	}
	var it struct {
		ID   ident `json:"id"`
		Name prose `json:"localizedName"`
	}
	if !answer.Object(&it) || it.ID.s == "" {
		return "", use, answer.Fail(op, false, once.Refusal{})
	}
	name, _ := it.Name.capped()
	return name, use, nil
}

const imageURN = "urn:li:image:"

// MediaHosts are the hosts on which LinkedIn keeps media; their addresses open for who has them, for a while.
func MediaHosts() []string { return []string{"media.licdn.com", "dms.licdn.com"} }

// ourMedia reports an address of LinkedIn's media.
func ourMedia(address string) (string, bool) {
	at, err := url.Parse(address)
	if err != nil || at.Scheme != "https" || at.User != nil || at.Port() != "" || len(address) > maxURLBytes {
		return "", false
	}
	for _, host := range MediaHosts() {
		if strings.EqualFold(at.Hostname(), host) {
			return at.String(), true
		}
	}
	return "", false
}

// maxURLBytes bounds an address.
const maxURLBytes = 4096

// Media says where the bytes of an attachment are. No key of ours goes with them.
// (GET /rest/images/{urn})
func (r *Reader) Media(ctx context.Context, a channel.Access, m mention.Attachment) (channel.Download, error) {
	const op = "linkedin.Media"
	if address, ok := ourMedia(m.URL); ok {
		return channel.Download{URL: address}, nil
	}
	if m.URL != "" || !strings.HasPrefix(m.ID, imageURN) || !memberID(strings.TrimPrefix(m.ID, imageURN)) {
		return channel.Download{}, once.Refuse(op, once.ReasonUnsupported, "url")
	}
	answer, _, err := r.look(ctx, op, a, "/rest/images/"+url.QueryEscape(m.ID))
	if err != nil {
		return channel.Download{}, err
	}
	var image struct {
		URL words `json:"downloadUrl"`
	}
	if !answer.Object(&image) || image.URL == "" {
		return channel.Download{}, answer.Fail(op, false, once.Refusal{})
	}
	address, ok := ourMedia(string(image.URL))
	if !ok {
		return channel.Download{}, once.Refuse(op, once.ReasonUnsupported, "url")
	}
	return channel.Download{URL: address}, nil
}
