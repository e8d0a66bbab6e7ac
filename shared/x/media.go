package x

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
)

// The hosts of what hangs on posts, open to everybody, and of what hangs on messages, which a key opens.
const (
	pictures = "pbs.twimg.com"
	films    = "video.twimg.com"
	private  = "ton.twitter.com"
)

// MediaHosts are the hosts on which X keeps media.
func MediaHosts() []string { return []string{pictures, films, private, "api.x.com"} }

// Media says where the bytes of an attachment are. Media of messages are opened by our key: by OAuth 2.0 through the API, by
// OAuth 1.0a at their own address. No key is given for any other address, and what is on no host of X has none.
// (GET /2/dm_conversations/media/{dm_id}/{media_id}/{resource_id})
func (r *Reader) Media(ctx context.Context, a channel.Access, m mention.Attachment) (channel.Download, error) {
	const op = "x.Media"
	at, err := url.Parse(m.URL)
	if err != nil || at.Scheme != "https" || at.User != nil || at.Port() != "" {
		return channel.Download{}, once.Refuse(op, once.ReasonUnsupported, "url")
	}
	switch strings.ToLower(at.Hostname()) {
	case pictures, films:
		return channel.Download{URL: at.String()}, nil
	case private:
	default:
		return channel.Download{}, once.Refuse(op, once.ReasonUnsupported, "url")
	}
	if !visible(a.Token) {
		return channel.Download{}, once.NoToken(op, nil)
	}
	if a.Secret == "" {
		path, ok := messageMedia(at)
		if !ok {
			return channel.Download{}, once.Refuse(op, once.ReasonUnsupported, "url")
		}
		return channel.Download{URL: r.client.Address(path), Header: map[string]string{"Authorization": "Bearer " + a.Token}}, nil
	}
	app, err := r.keys(ctx)
	if err != nil {
		return channel.Download{}, once.NoToken(op, err)
	}
	authorization := app.sign(ctx, a, at.String())
	if authorization == "" {
		return channel.Download{}, once.NoToken(op, nil)
	}
	return channel.Download{URL: at.String(), Header: map[string]string{"Authorization": authorization}}, nil
}

// messageMedia gives the API's own address of a medium of a message, whose three last names are those of the message, the
// medium and the file.
func messageMedia(at *url.URL) (string, bool) {
	names := strings.Split(strings.Trim(at.Path, "/"), "/")
	if len(names) < 4 || names[len(names)-4] != "dm" {
		return "", false
	}
	names = names[len(names)-3:]
	file := names[2]
	if !number(names[0]) || !number(names[1]) || !visible(file) || strings.Trim(file, ".") == "" {
		return "", false
	}
	return "/2/dm_conversations/media/" + names[0] + "/" + names[1] + "/" + url.PathEscape(file), true
}

// sign gives the word that opens an address by OAuth 1.0a, "" without the keys for it.
func (a App) sign(ctx context.Context, as channel.Access, address string) string {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil || !visible(a.ConsumerKey) || !visible(a.ConsumerSecret) || !visible(as.Secret) {
		return ""
	}
	var s signed
	if resp, err := a.signer(as)(&s).RoundTrip(req); err == nil { // cannot happen: nothing is sent
		_ = resp.Body.Close()
	}
	return s.authorization
}
