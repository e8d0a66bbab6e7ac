package picture

import (
	"io"
	"math"
	"slices"

	"github.com/abema/go-mp4"

	"sence.gob.cl/gestor/shared/post"
)

const (
	// quickTime is the brand of MOV files.
	quickTime = "qt  "
	// mostBoxes is how many boxes of a film are looked at: a few dozen tell what it is.
	mostBoxes = 2000
	// mostOfABox is the longest box of those that are read (mvhd of version 1 has 120 bytes).
	mostOfABox = 256
)

// film reads an MP4 or MOV by its boxes (ISO/IEC 14496-12): of all it holds only those that say how long it is and how large it
// shows. They may stand behind the film itself.
func film(b *bounded, brand string) (post.File, error) {
	f := post.File{Kind: post.Video, Type: "video/mp4"}
	switch {
	case slices.Contains([]string{"heic", "heix", "heim", "heis", "hevc", "mif1", "msf1"}, brand):
		return post.File{}, refused("Es una foto HEIC y las redes no la publican. Guárdala como JPEG y súbela otra vez.")
	case slices.Contains([]string{"avif", "avis"}, brand):
		return post.File{}, refused("Es una imagen AVIF y las redes no la publican. Guárdala como JPEG o PNG y súbela otra vez.")
	case slices.Contains([]string{"M4A ", "M4B ", "M4P "}, brand):
		return post.File{}, refused("Es un audio: las redes solo publican imágenes y videos.")
	case brand == quickTime:
		f.Type = "video/quicktime"
	}
	s := &reel{r: io.NewSectionReader(b, 0, b.size), left: mostBoxes}
	if err := s.boxes(0, b.size, 0); err != nil {
		return post.File{}, damaged("El video")
	}
	switch {
	case !s.told:
		return post.File{}, damaged("El video")
	case s.width == 0 || s.height == 0:
		return post.File{}, refused("El archivo no tiene imagen de video. Revísalo y súbelo otra vez.")
	}
	f.Width, f.Height, f.Millis = s.width, s.height, s.millis
	return f, nil
}

// reel is what is known so far of a film. Told tells that its table of contents was met.
type reel struct {
	r             *io.SectionReader
	left          int
	told          bool
	width, height int
	millis        int64
	shows         bool // the track at hand shows pictures
	wide, tall    int  // of the track at hand
	scale         uint32
}

// boxes looks through the boxes of a part of the file. At the top a box that ends behind the file means that some of it is missing.
func (s *reel) boxes(from, to int64, depth int) error {
	for to-from >= mp4.SmallHeaderSize {
		if s.left--; s.left < 0 {
			if s.told { // a film in very many pieces: what counts was in front
				return nil
			}
			return errEnough
		}
		if _, err := s.r.Seek(from, io.SeekStart); err != nil {
			return err
		}
		box, err := mp4.ReadBoxInfo(s.r)
		if err != nil {
			return err
		}
		if box.Size < box.HeaderSize || box.Size > uint64(to-from) { //nolint:gosec // not negative
			return io.ErrUnexpectedEOF
		}
		size, header := int64(box.Size), int64(box.HeaderSize) //nolint:gosec // within the file
		if err := s.box(box.Type.String(), from+header, from+size, depth); err != nil {
			return err
		}
		from += size
	}
	return nil
}

// box reads one box, or goes into it.
func (s *reel) box(kind string, from, to int64, depth int) error {
	switch path := [2]any{depth, kind}; path {
	case [2]any{0, "moov"}, [2]any{1, "mvex"}, [2]any{2, "mdia"}, [2]any{3, "minf"}:
		s.told = true
		return s.boxes(from, to, depth+1)
	case [2]any{1, "trak"}:
		s.shows, s.wide, s.tall = false, 0, 0
		if err := s.boxes(from, to, depth+1); err != nil {
			return err
		}
		if s.shows && s.wide*s.tall > s.width*s.height {
			s.width, s.height = s.wide, s.tall
		}
		return nil
	case [2]any{4, "vmhd"}:
		s.shows = true
		return nil
	case [2]any{1, "mvhd"}:
		var b mp4.Mvhd
		if err := s.read(&b, from, to); err != nil {
			return err
		}
		s.lasts(b.GetDuration(), b.GetVersion(), b.Timescale)
		return nil
	case [2]any{2, "mehd"}: // of a film in pieces; counted like the film
		var b mp4.Mehd
		if err := s.read(&b, from, to); err != nil {
			return err
		}
		s.lasts(b.GetFragmentDuration(), b.GetVersion(), s.scale)
		return nil
	case [2]any{2, "tkhd"}:
		var b mp4.Tkhd
		if err := s.read(&b, from, to); err != nil {
			return err
		}
		s.wide, s.tall = shown(b)
		return nil
	default:
		return nil
	}
}

// read reads a box whose length hardly varies.
func (s *reel) read(into mp4.IBox, from, to int64) error {
	if to-from > mostOfABox {
		return errEnough
	}
	if _, err := s.r.Seek(from, io.SeekStart); err != nil {
		return err
	}
	_, err := mp4.Unmarshal(s.r, uint64(to-from), into, mp4.Context{}) //nolint:gosec // not negative
	return err
}

// lasts notes how long the film is, if the box says it: all ones stand for unknown.
func (s *reel) lasts(units uint64, version uint8, scale uint32) {
	s.scale = scale
	if scale == 0 || units == math.MaxUint64 || version == 0 && units == math.MaxUint32 {
		return
	}
	whole, rest := units/uint64(scale), units%uint64(scale)
	if whole > math.MaxInt32 { // decades: too long, and no more than that is to be known
		s.millis = math.MaxInt64
		return
	}
	s.millis = max(s.millis, int64(whole*1000+rest*1000/uint64(scale))) //nolint:gosec // at most 32 bits of seconds
}

// shown is how large a track shows, in pixels: turned by a quarter when its matrix says so.
func shown(b mp4.Tkhd) (width, height int) {
	width, height = int(b.Width>>16), int(b.Height>>16)
	if b.Matrix[0] == 0 && b.Matrix[4] == 0 && b.Matrix[1] != 0 && b.Matrix[3] != 0 {
		return height, width
	}
	return width, height
}
