using Streams.Processors.Captioning.Clips;

namespace Streams.Processors.Captioning.Evaluation;

/// <summary>What a caption says.</summary>
/// <param name="Background">The background, or null when the caption names none.</param>
/// <param name="Objects">The objects in the caption's order.</param>
/// <param name="Word">The word that is read, or null for none.</param>
public sealed record CaptionContent(SceneBackground? Background, IReadOnlyList<ObjectDescription> Objects, SignWord? Word = null);
