package picture

import (
	"encoding/binary"
)

// mostSegments is how many segments before the picture an honest JPEG may have: some split a colour profile into hundreds.
const mostSegments = 1000

// lying reports whether a JPEG says that it is to be turned by a quarter before it is shown (EXIF 2.32 §4.6.4, Orientation). What
// cannot be read there turns nothing: programs that show it do the same.
func lying(b *bounded) bool {
	place := int64(2)
	for range mostSegments {
		head, err := b.at(place, 4)
		if err != nil || head[0] != 0xff {
			return false
		}
		marker, length := head[1], int64(binary.BigEndian.Uint16(head[2:]))
		switch {
		case marker == 0xff: // padding
			place++
			continue
		case marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc, marker == 0xda, marker == 0xd9:
			return false // the picture begins
		case length < 2:
			return false
		}
		if marker == 0xe1 {
			body, err := b.at(place+4, int(length-2))
			if err != nil {
				return false
			}
			if len(body) > 6 && string(body[:6]) == "Exif\x00\x00" {
				return turned(body[6:])
			}
		}
		place += 2 + length
	}
	return false
}

// turned reads the orientation in the first directory of EXIF's TIFF: 5 to 8 are turned by a quarter.
func turned(tiff []byte) bool {
	if len(tiff) < 8 {
		return false
	}
	var order binary.ByteOrder = binary.LittleEndian
	if string(tiff[:2]) == "MM" {
		order = binary.BigEndian
	}
	first := int64(order.Uint32(tiff[4:]))
	if first+2 > int64(len(tiff)) {
		return false
	}
	entries := tiff[first+2:]
	for n := order.Uint16(tiff[first:]); n > 0 && len(entries) >= 12; n-- {
		if order.Uint16(entries) == 0x0112 { // a SHORT, in the first bytes of its value
			way := order.Uint16(entries[8:])
			return way >= 5 && way <= 8
		}
		entries = entries[12:]
	}
	return false
}

// animated reports whether a GIF has more than one picture; it reads over the first one without making it (GIF89a §12 to §26).
func animated(b *bounded) (bool, error) {
	head, err := b.at(10, 1)
	if err != nil {
		return false, err
	}
	place, pictures := 13+table(head[0]), 0
	for {
		kind, err := b.at(place, 1)
		if err != nil {
			return false, err
		}
		place++
		switch kind[0] {
		case 0x3b: // the end
			return false, nil
		case 0x21: // an extension: its label, then its blocks
			place++
		case 0x2c: // a picture: where it lies, its colours, how it is packed, then its blocks
			if pictures++; pictures > 1 {
				return true, nil
			}
			frame, err := b.at(place, 9)
			if err != nil {
				return false, err
			}
			place += 9 + table(frame[8]) + 1
		default:
			return pictures > 0, nil // programs show what they have read so far
		}
		for {
			length, err := b.at(place, 1)
			if err != nil {
				return false, err
			}
			place += 1 + int64(length[0])
			if length[0] == 0 {
				break
			}
		}
	}
}

// table is how long the table of colours is that these flags announce.
func table(flags byte) int64 {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&0x07 + 1)
}
