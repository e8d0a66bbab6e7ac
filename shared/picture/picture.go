// Package picture tells what a picture or video is by its own bytes: its kind, its type, how large it shows and how long it
// lasts. It never decodes one: headers are all it reads, and no more of them than a bound, however large the file says it is.
package picture

import (
	"errors"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"

	"golang.org/x/image/webp"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/post"
)

// Look tells what the file is; r gives its bytes and size is how many there are. A file we do not take is an Invalid with the
// sentence its owner reads; so is one that cannot be understood. Any other error is r's own.
func Look(r io.ReaderAt, size int64) (post.File, error) {
	b := &bounded{r: r, size: size, left: most}
	f, err := look(b)
	if b.failed != nil {
		return post.File{}, b.failed
	}
	if err == nil {
		f.Size = size
		err = f.Fits()
	}
	if err != nil {
		return post.File{}, err
	}
	return f, nil
}

// damaged says that a file begins as one of its kind and does not go on as one.
func damaged(what string) error {
	return fault.Reject("picture.Look", "file", what+" parece dañado o incompleto. Ábrelo en tu computador, guárdalo de nuevo y súbelo otra vez.")
}

// refused says why a file that is whole is not taken.
func refused(why string) error { return fault.Reject("picture.Look", "file", why) }

// unknown is every file that is of none of the kinds we take. What a browser could run (SVG, HTML) is among them.
func unknown() error {
	return refused("El archivo tiene que ser una imagen JPEG, PNG, GIF o WebP, o un video MP4 o MOV.")
}

func look(b *bounded) (post.File, error) {
	head := make([]byte, 32)
	n, err := b.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return post.File{}, err
	}
	text := string(head[:n])
	switch {
	case strings.HasPrefix(text, "\xff\xd8\xff"):
		return photo(b)
	case strings.HasPrefix(text, "\x89PNG\r\n\x1a\n"):
		return still(b, "image/png", "El PNG", png.DecodeConfig)
	case strings.HasPrefix(text, "GIF87a"), strings.HasPrefix(text, "GIF89a"):
		return moving(b)
	case len(text) > 20 && text[:4] == "RIFF" && text[8:12] == "WEBP":
		return web(b, text)
	case len(text) >= 12:
		return boxed(b, text)
	default:
		return post.File{}, unknown()
	}
}

// boxed reads what is made of boxes, if it is a film at all.
func boxed(b *bounded, head string) (post.File, error) {
	switch head[4:8] {
	case "ftyp":
		return film(b, head[8:12])
	case "moov", "mdat", "wide", "free", "skip", "pnot": // older than the box that names its kind
		return film(b, quickTime)
	default:
		return post.File{}, unknown()
	}
}

// web reads a WebP that stands still.
func web(b *bounded, head string) (post.File, error) {
	if head[12:16] == "VP8X" && head[20]&0x02 != 0 {
		return post.File{}, refused("Es un WebP animado y ninguna red lo publica. Súbelo como GIF o como video MP4.")
	}
	return still(b, "image/webp", "El WebP", webp.DecodeConfig)
}

// still reads the header of a picture.
func still(b *bounded, kind, name string, read func(io.Reader) (image.Config, error)) (post.File, error) {
	c, err := read(io.NewSectionReader(b, 0, b.size))
	if err != nil {
		return post.File{}, damaged(name)
	}
	return post.File{Kind: post.Image, Type: kind, Width: c.Width, Height: c.Height}, nil
}

// photo reads a JPEG, as it is shown: cameras note in the file how they were held.
func photo(b *bounded) (post.File, error) {
	f, err := still(b, "image/jpeg", "El JPEG", jpeg.DecodeConfig)
	if err == nil && lying(b) {
		f.Width, f.Height = f.Height, f.Width
	}
	return f, err
}

// moving reads a GIF, which is one picture or many.
func moving(b *bounded) (post.File, error) {
	f, err := still(b, "image/gif", "El GIF", gif.DecodeConfig)
	if err != nil {
		return f, err
	}
	if b.size > post.MaxGIFBytes { // not worth reading through: it is refused whatever it is
		f.Kind = post.GIF
		return f, nil
	}
	many, err := animated(b)
	if err != nil {
		return post.File{}, damaged("El GIF")
	}
	if many {
		f.Kind = post.GIF
	}
	return f, nil
}
