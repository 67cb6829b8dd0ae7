using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning.Preprocessing;

/// <summary>A picture cut for the image encoder.</summary>
/// <param name="Tiles">Squares of the encoder's size, row by row; the whole picture last.</param>
/// <param name="Rows">Rows of tiles; 0 when the whole picture is the only one.</param>
/// <param name="Columns">Tiles in a row; 0 likewise.</param>
internal sealed record TiledImage(IReadOnlyList<RgbFrame> Tiles, int Rows, int Columns);
