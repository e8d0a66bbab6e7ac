package sim

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"
)

// medium is something that hangs on a text. Its bytes are made of its id, so that they need no place to lie, but for what our
// system published.
type medium struct {
	ID   string    `json:"id"`
	Type string    `json:"type"` // one of mediaTypes
	Name string    `json:"name,omitempty"`
	At   time.Time `json:"at"`

	// Of what our system published: what it shows in words, the name of the file that holds it, and the type of that.
	Alt  string `json:"alt,omitempty"`
	File string `json:"file,omitempty"`
	Mime string `json:"mime,omitempty"`
}

// Types of media a person may attach.
const (
	mediaImage    = "image"
	mediaAudio    = "audio"
	mediaVideo    = "video"
	mediaFile     = "file"
	mediaSticker  = "sticker"
	mediaLocation = "location"
)

func mediaTypes() []string {
	return []string{mediaImage, mediaAudio, mediaVideo, mediaFile, mediaSticker, mediaLocation}
}

// Where a location of this world is: the main square of Santiago.
const (
	placeLatitude  = -33.4379
	placeLongitude = -70.6505
)

// How long an address of a medium is good (platforms.md §2.3 and §2.4): a story's as long as the story, WhatsApp's five
// minutes.
const (
	storyLife         = 24 * time.Hour
	whatsappMediaLife = 5 * time.Minute
)

// mime is the type of the bytes.
func (m medium) mime() string {
	if m.Mime != "" {
		return m.Mime
	}
	switch m.Type {
	case mediaAudio:
		return "audio/wav"
	case mediaVideo:
		return "video/mp4"
	case mediaFile:
		return "application/pdf"
	}
	return "image/png"
}

// filename is what the medium is called, ending as its type does.
func (m medium) filename() string {
	if m.Name != "" {
		return m.Name
	}
	return m.ID + m.suffix()
}

func (m medium) suffix() string {
	switch m.Mime {
	case "image/jpeg":
		return ".jpg"
	case "image/gif":
		return ".gif"
	}
	switch m.Type {
	case mediaAudio:
		return ".wav"
	case mediaVideo:
		return ".mp4"
	case mediaFile:
		return ".pdf"
	}
	return ".png"
}

// bytes are the few bytes of a real file of the type.
func (m medium) bytes() []byte {
	sum := sha256.Sum256([]byte(m.ID))
	switch m.Type {
	case mediaAudio:
		return silence(sum[0])
	case mediaVideo:
		return append([]byte("\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2\x00\x00\x00\x20free"), sum[:24]...)
	case mediaFile:
		return fmt.Appendf(nil, "%%PDF-1.1\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"+
			"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj\ntrailer<</Root 1 0 R>>\n%%%x\n%%%%EOF\n", sum[:8])
	}
	// Three bands of a color of its own, so that a person tells one picture from another.
	const band, side = 8, 24
	picture := image.NewRGBA(image.Rect(0, 0, side, side))
	for i, c := range []color.RGBA{{sum[0], sum[1], sum[2], 255}, {sum[3], sum[4], sum[5], 255}, {sum[6], sum[7], sum[8], 255}} {
		for at := range band * side {
			picture.Set(at%side, i*band+at/side, c)
		}
	}
	var out bytes.Buffer
	_ = png.Encode(&out, picture) // a buffer takes everything
	return out.Bytes()
}

// silence is a WAV of a twentieth of a second.
func silence(value byte) []byte {
	const samples = 400
	head := "RIFF\xb4\x01\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x40\x1f\x00\x00\x01\x00\x08\x00data\x90\x01\x00\x00"
	return append([]byte(head), bytes.Repeat([]byte{0x80 ^ value&1}, samples)...)
}

// hash is what WhatsApp tells of the bytes.
func (m medium) hash() string {
	sum := sha256.Sum256(m.bytes())
	return hex.EncodeToString(sum[:])
}

// home is the address under which this world is reached, as its networks name it in what they send.
func (w *world) home() string { return w.base }

// address is where everybody gets the medium.
func (w *world) address(network string, m medium) string {
	if network == "" {
		network = targetFacebook
	}
	return w.home() + "/cdn/" + network + "/" + url.PathEscape(m.ID) + m.suffix()
}

// mediumOf gives the medium of an id with the text it hangs on.
func (w *world) mediumOf(id string) (medium, *item) {
	it := w.items[w.media[id]]
	if it == nil {
		return medium{}, nil
	}
	for _, m := range it.Media {
		if m.ID == id {
			return m, it
		}
	}
	return medium{}, nil
}

// serveMedia is GET /cdn/{network}/{file}: the bytes of a medium, to anybody who knows the address. Stories and what was
// deleted are gone.
func (s *Simulator) serveMedia(w http.ResponseWriter, r *http.Request) {
	network, file := r.PathValue("network"), r.PathValue("file")
	now := s.cfg.Clock()
	var m medium
	there := false
	s.read(func(w *world) {
		var it *item
		m, it = w.mediumOf(strings.TrimSuffix(file, path.Ext(file)))
		there = it != nil && !it.Removed && it.target() == network && network != targetWhatsApp && (it.Story == "" || now.Sub(m.At) < storyLife)
	})
	if !there {
		http.Error(w, "URL signature expired", http.StatusForbidden)
		return
	}
	s.writeMedium(w, r, m)
}

func writeMedium(w http.ResponseWriter, m medium) {
	raw := m.bytes()
	h := w.Header()
	h.Set("Content-Type", m.mime())
	h.Set("Content-Length", strconv.Itoa(len(raw)))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	_, _ = w.Write(raw)
}

// attach makes the media a person named, each with an id of its own.
func (t *tx) attach(it *item, types []string) {
	for i, kind := range types {
		seed := it.ID + strconv.Itoa(i) + kind
		m := medium{ID: mediumID(it.Network, seed), Type: kind, At: it.At}
		if kind == mediaFile {
			m.Name = "documento-ficticio.pdf"
		}
		it.Media = append(it.Media, m)
	}
}

// mediumID makes an id of the network's form: digits, but X writes a key of two numbers.
func mediumID(network, seed string) string {
	sum := sha256.Sum256([]byte(seed))
	n := uint64(0)
	for _, b := range sum[:8] {
		n = n<<8 | uint64(b)
	}
	number := strconv.FormatUint(1_000_000_000_000_000+n%1_000_000_000_000_000, 10)
	if network == targetX {
		return "3_" + number
	}
	return number
}
