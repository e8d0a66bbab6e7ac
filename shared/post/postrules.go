package post

import (
	"strings"

	"sence.gob.cl/gestor/shared/mention"
)

// MaxAlt is how many characters the words for a file may have: ours, and the least that a network takes (X and Instagram take
// 1 000, LinkedIn 4 086).
const MaxAlt = 1000

// MediaRule is what one network takes of one sort of file: of these kinds together at most Most, and nothing else beside them.
// Sizes are in bytes, Ratio is width divided by height, times are in milliseconds; what is 0 has no limit.
type MediaRule struct {
	Kinds                []string
	Types                []string
	Most                 int
	MinSize, MaxSize     int64
	MinRatio, MaxRatio   float64
	MinMillis, MaxMillis int64
	MaxPixels            int64
}

// PublicationRule is one line of the table of posts: what a network accepts as a post of ours. Hashtags above Advised are let through
// with a warning; 0 is no limit. NeedsMedia says that a text alone is no post there; ByTemplate that only a template WhatsApp
// approved is. LinkApart says that a post without files carries its link beside the text, where it takes up none of it.
type PublicationRule struct {
	Network mention.Network
	Limits
	Hashtags   int
	Advised    int
	Cashtags   int
	NeedsMedia bool
	ByTemplate bool
	LinkApart  bool
	Media      []MediaRule
}

const (
	kilobyte = 1 << 10
	megabyte = 1 << 20
	second   = 1000
	minute   = 60 * second
)

// PublicationRules gives the table: one line for every network (platforms.md §3 to §5; what stands there holds). What does not:
//
//   - Facebook, files: docs.getlate.dev/resources/media-guidelines/facebook. The 1 GB of a video are ours: it is passed on in parts.
//   - Instagram, files: developers.facebook.com, Instagram Platform, IG User Media. Its 30 hashtags were the rule for years; since
//     the end of 2025 it shows, or takes, no more than five (ayrshare.com/docs/apis/post/social-networks/instagram): hence Advised.
//   - X, files: docs.x.com/x-api/media/quickstart/best-practices. That page now lets a video last 20 minutes and have 8 GB; what
//     every account was always allowed is safe with either.
//   - LinkedIn, files: learn.microsoft.com/linkedin/marketing, MultiImage API (20 images), Images API (36 152 320 pixels), Videos
//     API; the 5 MB of an image and the ratio of a video: ayrshare.com/docs/media-guidelines/linkedin.
func PublicationRules() []PublicationRule {
	jpeg := []string{"image/jpeg"}
	pictures := []string{"image/jpeg", "image/png", "image/gif"}
	mp4, films := []string{"video/mp4"}, []string{"video/mp4", "video/quicktime"}
	return []PublicationRule{
		{
			Network: mention.Facebook, Limits: Limits{63206, Characters}, LinkApart: true,
			Media: []MediaRule{
				{Kinds: []string{Image, GIF}, Types: pictures, Most: 10, MaxSize: 10 * megabyte},
				{Kinds: []string{Video}, Types: films, Most: 1, MaxSize: 1024 * megabyte, MinMillis: second, MaxMillis: 240 * minute},
			},
		},
		{
			Network: mention.Instagram, Limits: Limits{2200, Characters}, Hashtags: 30, Advised: 5, NeedsMedia: true,
			Media: []MediaRule{
				{Kinds: []string{Image}, Types: jpeg, Most: 10, MaxSize: 8 * megabyte, MinRatio: 0.8, MaxRatio: 1.91},
				{Kinds: []string{Video}, Types: films, Most: 1, MaxSize: 300 * megabyte, MinRatio: 0.01, MaxRatio: 10, MinMillis: 3 * second, MaxMillis: 15 * minute},
			},
		},
		{
			Network: mention.X, Limits: Limits{280, Weighted}, Cashtags: 1,
			Media: []MediaRule{
				{Kinds: []string{Image}, Types: []string{"image/jpeg", "image/png", "image/webp"}, Most: 4, MaxSize: 5 * megabyte},
				{Kinds: []string{GIF}, Types: []string{"image/gif"}, Most: 1, MaxSize: 15 * megabyte},
				{Kinds: []string{Video}, Types: films, Most: 1, MaxSize: 512 * megabyte, MinRatio: 1.0 / 3, MaxRatio: 3, MinMillis: second / 2, MaxMillis: 140 * second},
			},
		},
		{
			Network: mention.LinkedIn, Limits: Limits{3000, Characters}, LinkApart: true,
			Media: []MediaRule{
				{Kinds: []string{Image, GIF}, Types: pictures, Most: 20, MaxSize: 5 * megabyte, MaxPixels: 36152320},
				{Kinds: []string{Video}, Types: mp4, Most: 1, MinSize: 75 * kilobyte, MaxSize: 500 * megabyte, MinRatio: 1 / 2.4, MaxRatio: 2.4, MinMillis: 3 * second, MaxMillis: 30 * minute},
			},
		},
		{Network: mention.WhatsApp, Limits: Limits{1024, Characters}, ByTemplate: true},
	}
}

// PublicationRuleOf gives the line of the table for network n; ok is false for a network that is none.
func PublicationRuleOf(n mention.Network) (rule PublicationRule, ok bool) {
	for _, r := range PublicationRules() {
		if r.Network == n {
			return r, true
		}
	}
	return PublicationRule{Network: n}, false
}

// Flaws is all that is wrong with what a content says on network n, and what is to be looked at. A template was read by
// WhatsApp, which approved it.
func (l *Linter) Flaws(c Content, n mention.Network) []Finding {
	p := c.For(n)
	found := CheckPiece(n, p)
	if p.Template != nil {
		return found
	}
	for _, f := range l.Lint(p.Text, KindPost) {
		f.Network = n
		found = append(found, f)
	}
	return found
}

// Compose gives the text of a piece as network n shows it: the link on a line of its own after the text, unless it stands in
// the text already or the network carries it apart. It is what is counted, and what an adapter sends as the text.
func Compose(n mention.Network, p Piece) string {
	r, _ := PublicationRuleOf(n)
	switch {
	case p.Link == "" || strings.Contains(p.Text, p.Link) || LinkBeside(n, p):
		return p.Text
	case p.Text == "":
		return p.Link
	case r.ByTemplate:
		return p.Text
	}
	return p.Text + "\n" + p.Link
}

// LinkBeside reports whether network n carries the link of a piece in a field of its own.
func LinkBeside(n mention.Network, p Piece) bool {
	r, _ := PublicationRuleOf(n)
	return r.LinkApart && p.Link != "" && len(p.Media) == 0
}
