using Streams.Processors.Captioning.Pipeline;
using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning.Cameras;

/// <summary>A still scene that has been captioned.</summary>
/// <param name="Thumbnail">The scene, see <see cref="SceneDifference"/>.</param>
/// <param name="Model">The model that captioned it.</param>
/// <param name="Caption">Its caption, which may be on its way yet.</param>
/// <param name="Embeddings">What the encoder makes of it; null where that is not asked for.</param>
internal sealed record SceneReference(RgbFrame Thumbnail, string Model, Task<GeneratedCaption> Caption, Task<FrameEmbeddings?> Embeddings);
