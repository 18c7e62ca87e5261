// Scenes: views worth a look, as fragments of the address.
// SPDX-License-Identifier: MIT

export const SCENES = [
    ['A slow EMA collapses the mode', ''],
    ['The basin of collapse', 'target=held&x=p0&y=s0&xview=0,1&yview=0,0.3&log=none&p0=0.2&s0=0.12&eta=0.18'],
    ['The fold: decay against augmentation', 'target=held&x=eta&y=sigma2&xview=0,0.3&yview=0,2&log=none&eta=0.1'],
    ['Where the target starts', 'x=p0&y=tau0&xview=0,1&yview=0,2&log=none&p0=0.3&s0=0.1&tau0=0.5&eta=0.12&beta=0.05'],
    ['In the units of a training script', 'units=training&x=train_weight_decay&y=train_ema&xview=0.005,0.3&yview=0.9,0.995&log=none'],
    ['Two decays: encoder and predictor', 'decay=split&x=eta_s&y=eta_p&xview=0,0.3&yview=0,0.6&log=none&beta=0.2'],
    ['Three layers', 'depth=3&target=held&x=p0&y=eta&xview=0,1&yview=0,0.04&log=none&eta=0.01&p0=0.6&s0=0.4'],
    ['Under the cosine: no fold, the start decides', 'loss=cosine&target=held&sigma2=0&t_end=30&x=eta&y=alpha_p&xview=0,0.3&yview=0.1,10&log=y&p0s=-0.2,0.4,-0.3,0.7,0.5,1,0.9,1.2&s0s=0.25,0.25,0.04,0.36,0.09,0.64,0.16,0.16'],
];
