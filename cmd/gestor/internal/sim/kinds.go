package sim

import (
	"slices"
	"strings"
)

// Kinds a person may name beside those of world.go. What is stored is a kind of world.go: a review is a rating, and the
// others are direct messages that have something to do with a story, or that nobody but their two people can read.
const (
	kindReview       = "review"
	kindStoryMention = "story_mention"
	kindStoryReply   = "story_reply"
	kindChat         = "chat"
	kindTag          = "tag" // on Facebook and Instagram: a post of one's own that names us
)

// How a message of Instagram has to do with a story.
const (
	storyMention = "mention" // of the person, who names us in it
	storyReply   = "reply"   // to one of ours
)

// plain gives the kind under which a text is stored.
func plain(kind string) string {
	switch kind {
	case kindReview:
		return kindRating
	case kindStoryMention, kindStoryReply, kindChat:
		return kindDM
	case kindTag:
		return kindMention
	}
	return kind
}

// special marks an item as what its kind says beyond the stored one.
func (it *item) special(kind string) {
	switch kind {
	case kindStoryMention:
		it.Story = storyMention
	case kindStoryReply:
		it.Story = storyReply
	case kindChat:
		it.Sealed = true
	}
}

// mayHang says why what a person wants to attach cannot be, nil when it can.
func (m written) mayHang(network, kind string) error {
	for _, one := range m.Media {
		if !slices.Contains(mediaTypes(), one) {
			return invalid("El adjunto debe ser " + strings.Join(mediaTypes(), ", ") + ".")
		}
	}
	private := kind == kindDM
	switch {
	case len(m.Media) == 0:
		return nil
	case len(m.Media) > maxMedia:
		return invalid("Hay demasiados adjuntos.")
	case network == targetWhatsApp && len(m.Media) > 1:
		return invalid("En WhatsApp cada mensaje lleva un solo adjunto.")
	case !takesMedia(network, private), !private && !slices.Contains([]string{mediaImage, mediaVideo}, m.Media[0]):
		return invalid("En esa red ese tipo de mensaje no lleva ese adjunto.")
	case network == targetX && slices.ContainsFunc(m.Media, func(one string) bool { return one != mediaImage && one != mediaVideo }):
		return invalid("En X solo se adjuntan imágenes y videos.")
	}
	return nil
}

// maxMedia is how much may hang on one text.
const maxMedia = 4

// takesMedia reports whether something may hang on a text of the network.
func takesMedia(network string, private bool) bool {
	switch network {
	case targetLinkedIn:
		return false
	case targetInstagram, targetWhatsApp:
		return private
	}
	return true
}

// hangs gives what a person attached, with the picture a story or a post of Instagram always has.
func (m written) hangs(network string) []string {
	if len(m.Media) == 0 && network == targetInstagram && (m.Kind == kindStoryMention || m.Kind == kindStoryReply || m.Kind == kindTag) {
		return []string{mediaImage}
	}
	return m.Media
}

// mediaFor are the media a page offers to attach on a network.
func mediaFor(network string) []string {
	switch network {
	case targetLinkedIn:
		return nil
	case targetX:
		return []string{mediaImage, mediaVideo}
	}
	return mediaTypes()
}
