package picture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"slices"
	"strings"
	"testing"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/picture"
	"sence.gob.cl/gestor/shared/post"
)

// drawn is a picture of that size in the form that encode writes.
func drawn(t testing.TB, width, height int, encode func(io.Writer, image.Image) error) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := encode(&buf, image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.Black, color.White})); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func jpegOf(t testing.TB, width, height int) []byte {
	return drawn(t, width, height, func(w io.Writer, i image.Image) error { return jpeg.Encode(w, i, nil) })
}

func pngOf(t testing.TB, width, height int) []byte { return drawn(t, width, height, png.Encode) }

func gifOf(t testing.TB, width, height, pictures int) []byte {
	t.Helper()
	g := gif.GIF{}
	for range pictures {
		g.Image = append(g.Image, image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.Black, color.White}))
		g.Delay = append(g.Delay, 10)
	}
	var buf bytes.Buffer
	if err := gif.EncodeAll(&buf, &g); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// held puts into a JPEG how the camera was held.
func held(photo []byte, order binary.AppendByteOrder, way uint16) []byte {
	mark := "II"
	if order.String() == "BigEndian" {
		mark = "MM"
	}
	tiff := order.AppendUint32(order.AppendUint16([]byte(mark), 42), 8)
	tiff = order.AppendUint16(tiff, 2) // two entries
	tiff = append(order.AppendUint32(order.AppendUint16(order.AppendUint16(tiff, 0x010f), 2), 1), "A\x00\x00\x00"...)
	tiff = append(order.AppendUint16(order.AppendUint32(order.AppendUint16(order.AppendUint16(tiff, 0x0112), 3), 1), way), 0, 0)
	body := append([]byte("Exif\x00\x00"), tiff...)
	segment := append(binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(body)+2)), body...)
	return slices.Concat(photo[:2], segment, photo[2:])
}

// webpOf is the header of a WebP of the newer form, with its flags.
func webpOf(width, height int, flags byte) []byte {
	body := append([]byte("WEBPVP8X\x0a\x00\x00\x00"), flags, 0, 0, 0, byte(width-1), byte((width-1)>>8), byte((width-1)>>16), byte(height-1), byte((height-1)>>8), byte((height-1)>>16))
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

// box is a box of an MP4 with others in it, or with bytes.
func box(kind string, parts ...[]byte) []byte {
	body := slices.Concat(parts...)
	return slices.Concat(binary.BigEndian.AppendUint32(nil, uint32(len(body)+8)), []byte(kind), body)
}

func words(list ...uint32) []byte {
	var out []byte
	for _, one := range list {
		out = binary.BigEndian.AppendUint32(out, one)
	}
	return out
}

var (
	upright = words(1<<16, 0, 0, 0, 1<<16, 0, 0, 0, 1<<30)
	quarter = words(0, 1<<16, 0, 0xffff0000, 0, 0, 0, 0, 1<<30)
)

// track is a track of a film; one that shows pictures has a vmhd.
func track(width, height int, matrix []byte, kind string) []byte {
	head := slices.Concat(words(0, 0, 0, 1, 0, 0, 0, 0, 0, 0), matrix, words(uint32(width)<<16, uint32(height)<<16))
	return box("trak", box("tkhd", head), box("mdia", box("minf", box(kind, words(0, 0, 0)))))
}

// lasting is the head of a film.
func lasting(units, scale uint32) []byte {
	return box("mvhd", words(0, 0, 0, scale, units, 1<<16, 0x01000000, 0, 0), upright, words(0, 0, 0, 0, 0, 0, 2))
}

func filmOf(brand string, moov []byte) []byte {
	return slices.Concat(box("ftyp", []byte(brand), words(0), []byte(brand)), box("mdat", make([]byte, 3000)), moov)
}

func mp4Of(width, height int, millis uint32) []byte {
	return filmOf("isom", box("moov", lasting(millis, 1000), track(0, 0, upright, "smhd"), track(width, height, upright, "vmhd")))
}

func TestLook(t *testing.T) {
	image := func(kind string, width, height int) post.File {
		return post.File{Kind: post.Image, Type: kind, Width: width, Height: height}
	}
	video := func(kind string, width, height int, millis int64) post.File {
		return post.File{Kind: post.Video, Type: kind, Width: width, Height: height, Millis: millis}
	}
	photo := jpegOf(t, 40, 30)
	large := binary.BigEndian.AppendUint64(append(words(1), "mdat"...), 16+3000)
	for name, c := range map[string]struct {
		bytes []byte
		want  post.File
	}{
		"JPEG":                       {photo, image("image/jpeg", 40, 30)},
		"JPEG, upright":              {held(photo, binary.LittleEndian, 1), image("image/jpeg", 40, 30)},
		"JPEG, on its head":          {held(photo, binary.LittleEndian, 3), image("image/jpeg", 40, 30)},
		"JPEG, lying":                {held(photo, binary.LittleEndian, 6), image("image/jpeg", 30, 40)},
		"JPEG, lying, of a Motorola": {held(photo, binary.BigEndian, 8), image("image/jpeg", 30, 40)},
		"JPEG, of no known way":      {held(photo, binary.BigEndian, 9), image("image/jpeg", 40, 30)},
		"PNG":                        {pngOf(t, 17, 5), image("image/png", 17, 5)},
		"GIF":                        {gifOf(t, 17, 5, 1), image("image/gif", 17, 5)},
		"GIF, moving":                {gifOf(t, 17, 5, 3), post.File{Kind: post.GIF, Type: "image/gif", Width: 17, Height: 5}},
		"WebP":                       {webpOf(2000, 1000, 0), image("image/webp", 2000, 1000)},
		"MP4, its index behind":      {mp4Of(1080, 1920, 3500), video("video/mp4", 1080, 1920, 3500)},
		"MP4, turned":                {filmOf("mp42", box("moov", lasting(90_000, 30_000), track(1920, 1080, quarter, "vmhd"))), video("video/mp4", 1080, 1920, 3000)},
		"MP4, its film in a large box": {
			slices.Concat(box("ftyp", []byte("isom")), large, make([]byte, 3000), box("moov", lasting(1, 2), track(4, 2, upright, "vmhd"))), video("video/mp4", 4, 2, 500),
		},
		"MP4, in pieces": {
			filmOf("iso6", box("moov", lasting(0, 600), track(640, 360, upright, "vmhd"), box("mvex", box("mehd", words(0, 1500))))), video("video/mp4", 640, 360, 2500),
		},
		"MP4, with a smaller picture and a subtitle": {
			filmOf("isom", box("moov", lasting(1000, 1000), track(640, 360, upright, "vmhd"), track(64, 36, upright, "vmhd"), track(4000, 80, upright, "nmhd"))),
			video("video/mp4", 640, 360, 1000),
		},
		"MOV":       {filmOf("qt  ", box("moov", lasting(1000, 1000), track(640, 360, upright, "vmhd"))), video("video/quicktime", 640, 360, 1000)},
		"MOV, old":  {slices.Concat(box("wide"), box("mdat", make([]byte, 100)), box("moov", lasting(1000, 1000), track(640, 360, upright, "vmhd"))), video("video/quicktime", 640, 360, 1000)},
		"MP4, open": {slices.Concat(box("ftyp", []byte("isom")), box("moov", lasting(1000, 1000), track(640, 360, upright, "vmhd")), words(0), []byte("mdat"), make([]byte, 10)), video("video/mp4", 640, 360, 1000)},
	} {
		t.Run(name, func(t *testing.T) {
			c.want.Size = int64(len(c.bytes))
			got, err := picture.Look(bytes.NewReader(c.bytes), c.want.Size)
			if err != nil || got != c.want {
				t.Errorf("%+v, %v; want %+v", got, err, c.want)
			}
		})
	}
}

func TestLook_Refuses(t *testing.T) {
	bomb := pngOf(t, 10, 10)
	copy(bomb[16:], words(60_000, 60_000))
	copy(bomb[29:], words(crc32.ChecksumIEEE(bomb[12:29])))
	for name, c := range map[string]struct {
		bytes []byte
		says  string
	}{
		"nothing":                       {nil, "JPEG, PNG"},
		"SVG":                           {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`), "JPEG, PNG"},
		"a page":                        {[]byte("<!doctype html><script>alert(1)</script>"), "JPEG, PNG"},
		"a PDF":                         {[]byte("%PDF-1.7 and some more of it"), "JPEG, PNG"},
		"a program":                     {[]byte("\x7fELF and some more of it"), "JPEG, PNG"},
		"half a JPEG":                   {jpegOf(t, 40, 30)[:20], "El JPEG parece dañado"},
		"half a PNG":                    {pngOf(t, 40, 30)[:20], "El PNG parece dañado"},
		"half a GIF":                    {gifOf(t, 40, 30, 1)[:30], "El GIF parece dañado"},
		"a PNG that would fill memory":  {bomb, "demasiado"},
		"a WebP that would fill memory": {webpOf(1<<24, 1<<24, 0), "demasiado"},
		"a moving WebP":                 {webpOf(100, 100, 2), "WebP animado"},
		"HEIC":                          {filmOf("heic", box("meta")), "HEIC"},
		"AVIF":                          {filmOf("avif", box("meta")), "AVIF"},
		"a song":                        {filmOf("M4A ", box("moov", lasting(1, 1))), "audio"},
		"a song in a film's clothes":    {filmOf("isom", box("moov", lasting(1, 1), track(0, 0, upright, "smhd"))), "no tiene imagen"},
		"half a film":                   {mp4Of(1080, 1920, 3500)[:2000], "El video parece dañado"},
		"a film without its index":      {filmOf("isom", nil), "El video parece dañado"},
		"a film without an end":         {filmOf("isom", box("moov", lasting(1<<32-1, 1000), track(640, 360, upright, "vmhd"))), "cuánto dura"},
		"a film of no seconds":          {filmOf("isom", box("moov", lasting(10, 0), track(640, 360, upright, "vmhd"))), "cuánto dura"},
		"a film of a century":           {filmOf("isom", box("moov", lasting(1<<32-2, 1), track(640, 360, upright, "vmhd"))), "4 horas"},
		"a film of five hours":          {filmOf("isom", box("moov", lasting(5*3600, 1), track(640, 360, upright, "vmhd"))), "4 horas"},
		"a film of empty boxes":         {filmOf("isom", bytes.Repeat(box("free"), 5000)), "El video parece dañado"},
		"a head of a megabyte":          {filmOf("isom", box("moov", box("mvhd", make([]byte, 1<<20)))), "El video parece dañado"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := picture.Look(bytes.NewReader(c.bytes), int64(len(c.bytes)))
			var f *fault.Error
			if !errors.As(err, &f) || f.Kind != fault.Invalid || f.Field != "file" || !strings.Contains(f.Public, c.says) {
				t.Errorf("%v, want %q", err, c.says)
			}
		})
	}
}

// counting counts what is read of a file that is larger than what was made of it.
type counting struct {
	io.ReaderAt
	calls, bytes int
}

func (c *counting) ReadAt(p []byte, off int64) (int, error) {
	c.calls++
	c.bytes += len(p)
	n, err := c.ReaderAt.ReadAt(p, off)
	if n < len(p) && err != nil { // zeros as far as one asks
		clear(p[n:])
		n, err = len(p), nil
	}
	return n, err
}

// Of a gigabyte few blocks are read: where the index is the boxes say.
func TestLook_ReadsLittle(t *testing.T) {
	const size = 1 << 30
	index := box("moov", lasting(1000, 1000), track(640, 360, upright, "vmhd"))
	front := slices.Concat(box("ftyp", []byte("isom")), words(uint32(size-12-len(index))), []byte("mdat"))
	c := &counting{ReaderAt: patched{front: front, end: index, at: size - int64(len(index))}}
	f, err := picture.Look(c, size)
	if err != nil || f.Width != 640 || f.Size != size {
		t.Errorf("%+v, %v", f, err)
	}
	if c.calls > 3 || c.bytes > 1<<20 {
		t.Errorf("%d bytes in %d calls", c.bytes, c.calls)
	}
	for name, begins := range map[string][]byte{
		"a JPEG of nothing but notes": append([]byte{0xff, 0xd8}, bytes.Repeat(append([]byte{0xff, 0xe2, 0xff, 0xff}, make([]byte, 65533)...), 10)...),
		"a GIF without an end":        gifOf(t, 4, 4, 1)[:30],
		"a film of small boxes":       append(box("ftyp", []byte("isom")), bytes.Repeat(box("free"), 10_000)...),
	} {
		c := &counting{ReaderAt: bytes.NewReader(begins)}
		_, err := picture.Look(c, size)
		if !fault.Is(err, fault.Invalid) || c.bytes > 25<<20 {
			t.Errorf("%s: %v after %d bytes", name, err, c.bytes)
		}
	}
}

// patched is a file of zeros with something in front and something at its end.
type patched struct {
	front, end []byte
	at         int64
}

func (p patched) ReadAt(b []byte, off int64) (int, error) {
	clear(b)
	for i := range b {
		switch place := off + int64(i); {
		case place < int64(len(p.front)):
			b[i] = p.front[place]
		case place >= p.at && place < p.at+int64(len(p.end)):
			b[i] = p.end[place-p.at]
		}
	}
	return len(b), nil
}

// Where the bytes cannot be had it is not the file's fault.
func TestLook_TellsWhoseFaultItIs(t *testing.T) {
	lost := fault.New(fault.Transient, "prueba", nil)
	body := append(box("ftyp", []byte("isom")), words(1<<20)...)
	body = append(body, "mdat"...)
	r := io.NewSectionReader(brokenBehind{bytes.NewReader(append(body, make([]byte, 1<<18)...)), lost}, 0, 2<<20)
	if _, err := picture.Look(r, 2<<20); !errors.Is(err, lost) {
		t.Errorf("%v", err)
	}
}

type brokenBehind struct {
	io.ReaderAt
	err error
}

func (b brokenBehind) ReadAt(p []byte, off int64) (int, error) {
	if off > 0 {
		return 0, b.err
	}
	return b.ReaderAt.ReadAt(p, off)
}

func FuzzLook(f *testing.F) {
	for _, seed := range [][]byte{
		jpegOf(f, 40, 30), held(jpegOf(f, 8, 8), binary.BigEndian, 6), pngOf(f, 8, 8), gifOf(f, 8, 8, 2), gifOf(f, 8, 8, 1), webpOf(100, 100, 0),
		[]byte("RIFF\x20\x00\x00\x00WEBPVP8L\x05\x00\x00\x00\x2f\x00\x00\x00\x00\x00"), mp4Of(64, 48, 1000), mp4Of(64, 48, 1000)[:100],
		filmOf("qt  ", box("moov", box("mvex", box("mehd", words(0, 1500))))),
		{},
		[]byte("\xff\xd8\xff"),
	} {
		f.Add(seed, int64(len(seed)))
		f.Add(seed, int64(1<<30))
	}
	f.Fuzz(func(t *testing.T, file []byte, size int64) {
		size = min(max(size, 0), 1<<40)
		c := &counting{ReaderAt: bytes.NewReader(file)}
		got, err := picture.Look(c, size)
		if c.bytes > 25<<20 {
			t.Errorf("%d bytes are read", c.bytes)
		}
		if err == nil && (got.Fits() != nil || got.Size != size || got.Type == "") {
			t.Errorf("%+v is taken", got)
		}
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%v", err)
		}
	})
}
