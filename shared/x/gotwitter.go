package x

import (
	"github.com/dghubble/go-twitter/twitter" //nolint:staticcheck // archived, which is why only its structs are used: see the package comment

	"sence.gob.cl/gestor/shared/mention"
)

// content takes over what go-twitter reads: names, text, media and place.
func content(p *post, raw []byte) {
	var t twitter.Tweet
	_ = readObject(raw, &t) // ids that are strings do not fit and are not used
	if t.User != nil {
		p.writer = user{ID: p.author, Name: words(t.User.Name), ScreenName: words(t.User.ScreenName)}.author()
	}
	p.text, p.cut = t.Text, t.Truncated
	if t.FullText != "" {
		p.text, p.cut = t.FullText, false
	}
	entities := t.ExtendedEntities
	if t.ExtendedTweet != nil && t.ExtendedTweet.FullText != "" {
		p.text, p.cut = t.ExtendedTweet.FullText, false
		if t.ExtendedTweet.ExtendedEntities != nil {
			entities = t.ExtendedTweet.ExtendedEntities
		}
	}
	p.cut = p.cut || cutByX(p.text)
	p.place = t.Coordinates != nil || t.Place != nil
	if entities != nil {
		for _, m := range entities.Media {
			p.media = append(p.media, mediumOf(m))
		}
	}
	p.media = append(p.media, quotedLink(p.quoted)...)
}

// mediumOf makes an attachment of a medium of the old API; of a film, the address of its best MP4.
func mediumOf(m twitter.MediaEntity) mention.Attachment {
	url, best := m.MediaURLHttps, -1
	for _, v := range m.VideoInfo.Variants {
		if v.ContentType == "video/mp4" && v.Bitrate > best {
			url, best = v.URL, v.Bitrate
		}
	}
	return medium(m.Type, url)
}

// written adds the content of a message.
func written(e *mention.Event, raw []byte) {
	var m twitter.DirectMessageEvent
	_ = readObject(raw, &m) // ids that are numbers do not fit and are not used
	if m.Message == nil || m.Message.Data == nil {
		return
	}
	long := false
	if e.Text, long = clean(m.Message.Data.Text); long {
		e.Flags = append(e.Flags, mention.FlagTruncated)
	}
	if hung := m.Message.Data.Attachment; hung != nil {
		e.Attachments = []mention.Attachment{mediumOf(hung.Media)}
	}
}
