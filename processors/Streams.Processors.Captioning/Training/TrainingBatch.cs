using Streams.Processors.Captioning.Clips;

namespace Streams.Processors.Captioning.Training;

/// <summary>Pictures with what is where; each a pure function of seed and index.</summary>
/// <param name="Pixels">RGB bytes of all pictures.</param>
/// <param name="Frames">Pictures a caption.</param>
/// <param name="Captions">A caption for each picture, or for each clip of pictures.</param>
/// <param name="Scenes">The scene of each caption.</param>
/// <param name="HasColours">Whether the colours of each scene are those of its description; else its caption lacks their names.</param>
/// <param name="Labels">The patch labels of each picture.</param>
internal sealed record TrainingBatch(byte[] Pixels, int Frames, IReadOnlyList<string> Captions, IReadOnlyList<ClipScene> Scenes, IReadOnlyList<bool> HasColours, PatchLabels Labels);
